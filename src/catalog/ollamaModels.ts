import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LocalModel } from './localModel.ts';
import type { ModelPlace } from './places.ts';

/** Bytes that a manifest may have; they have about one thousand. */
const mostBytes = 1 << 20;
const modelLayer = 'application/vnd.ollama.image.model';

/** Models of Ollama's store: a manifest a tag, `manifests/HOST/OWNER/NAME/TAG`, which names contents by their hash, `blobs/sha256-HEX`. */
export async function ollamaModels(place: ModelPlace): Promise<LocalModel[]> {
  const root = path.join(place.folder, 'manifests');
  const files = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const models: LocalModel[] = [];
  for (const entry of files) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const digest = await modelDigest(file);
    if (digest === undefined) continue;
    const blob = path.join(place.folder, 'blobs', `sha256-${digest}`);
    const [, owner, name, tag] = path.relative(root, file).split(path.sep);
    if (tag === undefined) continue;
    const size = (await stat(blob).catch(() => undefined))?.size;
    models.push({
      name: `${owner === 'library' ? '' : `${owner}/`}${name}:${tag}`,
      place,
      files: [blob],
      bytes: size ?? 0,
      sha256: digest,
      ...(size === undefined ? { problem: 'Its file is not there. "ollama pull" brings it back.' } : {}),
    });
  }
  return models.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The hash of the model that a manifest names. */
async function modelDigest(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > mostBytes) return undefined;
    const { layers } = JSON.parse(await readFile(file, 'utf8')) as { layers?: { mediaType?: unknown; digest?: unknown }[] };
    const digest = layers?.find(({ mediaType }) => mediaType === modelLayer)?.digest;
    // A name from outside that becomes a path.
    return typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
  } catch {
    return undefined;
  }
}
