import type { BlobFacts } from './blobSource.ts';

const declaration = '<?xml version="1.0" encoding="utf-8"?>';
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const characters = Object.fromEntries(Object.entries(entities).map(([character, entity]) => [entity, character]));

export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

export const errorXml = (code: string, message: string): string =>
  `${declaration}<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;

/** RFC 1123, as HTTP and the Blob XML have it. */
export const httpTime = (ms: number): string => new Date(ms).toUTCString();

export interface Listing {
  origin: string;
  container: string;
  prefix: string;
  delimiter: string;
  blobs: BlobFacts[];
  folders: string[];
  next: string;
}

/** Body of List Blobs. */
export function listingXml({ origin, container, prefix, delimiter, blobs, folders, next }: Listing): string {
  const blob = ({ path, size, etag, modifiedAt, metadata }: BlobFacts) =>
    `<Blob><Name>${escapeXml(path)}</Name><Properties><Last-Modified>${httpTime(modifiedAt)}</Last-Modified><Etag>${escapeXml(etag)}</Etag>` +
    `<Content-Length>${size}</Content-Length><Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType></Properties>` +
    `<Metadata>${Object.entries(metadata)
      .map(([key, value]) => `<${key}>${escapeXml(value)}</${key}>`)
      .join('')}</Metadata></Blob>`;
  return (
    `${declaration}<EnumerationResults ServiceEndpoint="${escapeXml(origin)}/" ContainerName="${escapeXml(container)}">` +
    `<Prefix>${escapeXml(prefix)}</Prefix>${delimiter ? `<Delimiter>${escapeXml(delimiter)}</Delimiter>` : ''}<Blobs>` +
    `${folders.map((name) => `<BlobPrefix><Name>${escapeXml(name)}</Name></BlobPrefix>`).join('')}${blobs.map(blob).join('')}` +
    `</Blobs>${next ? `<NextMarker>${escapeXml(next)}</NextMarker>` : '<NextMarker />'}</EnumerationResults>`
  );
}

/** The block ids of a Put Block List body, in order; undefined when it is none. */
export function blockIds(text: string): string[] | undefined {
  const inside = /<BlockList>([\s\S]*)<\/BlockList>\s*$/.exec(text)?.[1] ?? (/<BlockList\s*\/>\s*$/.test(text) ? '' : undefined);
  if (inside === undefined) return undefined;
  const ids: string[] = [];
  const rest = inside.replace(/<(Latest|Uncommitted|Committed)>([^<]*)<\/\1>/g, (_all, _kind, id: string) => {
    ids.push(id.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => characters[entity]!).trim());
    return '';
  });
  return rest.trim() === '' ? ids : undefined;
}
