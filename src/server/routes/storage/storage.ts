import { createHash, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { messageOf, UserError } from '../../../base/userError.ts';
import { jobOf, thePlane } from '../../../protocol/principal.ts';
import type { WorkspaceStore } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { pathAfter } from '../../paths.ts';
import { mustHaveStorage } from '../../queue/storageQuota.ts';
import { registryKeptAs } from '../../registries/registryNames.ts';
import type { PlaneServices } from '../../services.ts';
import { isStoragePath } from '../../storagePath.ts';
import type { Team } from '../../team/team.ts';
import { workspaceNamed } from '../../workspaceNames.ts';
import { bodyOf, lengthOf } from '../blobs.ts';
import { parseRange, webStream } from '../sendRange.ts';
import { type BlobFacts, BlobSource, locate } from './blobSource.ts';
import type { SasPermission } from './sas.ts';
import { StorageError } from './storageError.ts';
import { blockListLimit, checkMd5, commitBlocks, putBlob, putBlock } from './writeBlob.ts';
import { blockIds, errorXml, httpTime, listingXml } from './xml.ts';

/** What one request is about. `path` is the client's name of the blob, `stored` where it is kept. */
interface Target {
  c: Context;
  query: URLSearchParams;
  container: string;
  path: string;
  root: string;
  stored: { container: string; path: string };
  /** The rows of the workspace that the URL is signed for, and the blobs in it. */
  store: WorkspaceStore;
  source: BlobSource;
  /** Whether the URL lets replace a blob that is there. */
  mayReplace: boolean;
}

/** The part of Azure's Blob service that its clients need to upload and download, behind signed URLs: `/{container}/{blob}`. */
export function storageRoutes(services: PlaneServices): Hono {
  const app = new Hono();

  app.use('*', async (c, next) => {
    if (!isStoragePath(c.req.path)) return next();
    try {
      return await answer(targetOf(c));
    } catch (error) {
      return refusal(c, error, services);
    }
  });
  return app;

  /** A signed request; throws a 403 without the right for it. */
  async function answer(asked: Omit<Target, 'store' | 'source' | 'mayReplace'>): Promise<Response> {
    const { c, query, container, path } = asked;
    const comp = query.get('comp') ?? '';
    const allow = async (...permissions: SasPermission[]): Promise<Target> => {
      const { workspace, principal, claim } = services.sas.check(query, container, path, permissions, { within: asked.stored.container });
      const job = jobOf(principal);
      // What a job had signed ends as its token does.
      if (job !== undefined) {
        const stillMay = async () => {
          const end = await services.jobTokens.endOf(job, claim);
          if (end !== undefined) throw new StorageError(403, 'AuthenticationFailed', `${end}, and what it had signed with it.`);
        };
        await stillMay();
        c.set('stillMay', stillMay);
      }
      // What the owner had signed is good as long as the workspace is there.
      else if (principal.kind === 'signed' && services.team) {
        const stillMay = async () => {
          await workspaceNamed(services.store, workspace).catch((error) => {
            throw new StorageError(403, 'AuthorizationFailure', messageOf(error));
          });
        };
        await stillMay();
        c.set('stillMay', stillMay);
      }
      // What a member had signed is good as long as the member may do this without it.
      const why = whyNoMore(services.team, principal.id, workspace, permissions);
      if (why !== undefined) throw new StorageError(403, 'AuthorizationFailure', why);
      const store = services.store.in(workspace, principal);
      const source = new BlobSource({ store, blobs: services.blobs, logs: services.logs });
      return { ...asked, store, source, mayReplace: (query.get('sp') ?? '').includes('w') };
    };
    const { method } = c.req;
    if (path === '') {
      if (method === 'GET' && comp === 'list') {
        return list(await allow('l'));
      }
    } else if ((method === 'GET' || method === 'HEAD') && comp === '') {
      return read(await allow('r'), method === 'HEAD');
    } else if (method === 'DELETE' && comp === '') {
      return remove(await allow('d'));
    } else if (method === 'PUT') {
      const target = await allow('w', 'c');
      if (comp === '') return put(target);
      if (comp === 'block') return block(target);
      if (comp === 'blocklist') return blockList(target);
      if (comp === 'metadata') return setMetadata(target);
    }
    // Only who is let in learns what there is.
    await allow('r', 'w', 'c', 'l');
    throw new StorageError(
      400,
      'UnsupportedQueryParameter',
      `${method} ${comp ? `?comp=${comp.slice(0, 50)}` : ''} is not part of the Blob subset of this control plane.`,
    );
  }

  async function list({ c, query, container, root, stored, source }: Target): Promise<Response> {
    const [prefix, delimiter, marker] = [query.get('prefix') ?? '', query.get('delimiter') ?? '', query.get('marker') ?? ''];
    const asked = Number(query.get('maxresults') ?? 5000);
    if (!Number.isInteger(asked) || asked < 1)
      throw new StorageError(400, 'OutOfRangeQueryParameterValue', 'maxresults must be at least 1.');
    if (delimiter !== '' && delimiter !== '/') throw new StorageError(400, 'InvalidQueryParameterValue', 'The only delimiter is "/".');
    const most = Math.min(asked, 5000);
    const blobs: BlobFacts[] = [];
    const folders: string[] = [];
    let after = marker === '' ? '' : root + marker;
    let next = '';
    // Folders may hide any number of blobs, so the list is read until the page is full.
    reading: for (;;) {
      const found = await source.list(stored.container, root + prefix, after, most + 1);
      for (const each of found) {
        const name = each.path.slice(root.length);
        const slash = delimiter ? name.indexOf('/', prefix.length) : -1;
        const folder = slash < 0 ? undefined : name.slice(0, slash + 1);
        if (folder === undefined || folder !== folders.at(-1)) {
          if (blobs.length + folders.length === most) {
            next = after.slice(root.length);
            break reading;
          }
          if (folder === undefined) blobs.push({ ...each, path: name });
          else folders.push(folder);
        }
        after = each.path;
      }
      if (found.length <= most) break;
    }
    const origin = originOf(c);
    return send(c, listingXml({ origin, container, prefix, delimiter, blobs, folders, next }), 200, { 'content-type': 'application/xml' });
  }

  async function read({ c, path, stored, source }: Target, headOnly: boolean): Promise<Response> {
    const found = path.endsWith('/') ? undefined : await source.find(stored.container, stored.path);
    if (!found) throw new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.');
    const facts: Record<string, string> = {
      ...named(found),
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'accept-ranges': 'bytes',
      'x-ms-blob-type': 'BlockBlob',
      'x-ms-lease-state': 'available',
      'x-ms-lease-status': 'unlocked',
      ...Object.fromEntries(Object.entries(found.metadata).map(([key, value]) => [`x-ms-meta-${key}`, value])),
    };
    const wanted = c.req.header('if-match');
    if (wanted !== undefined && wanted !== '*' && wanted.replaceAll('"', '') !== found.etag)
      throw new StorageError(412, 'ConditionNotMet', 'The blob was changed since.');
    if (headOnly) return send(c, null, 200, { ...facts, 'content-length': String(found.size) });
    const range = parseRange(c.req.header('x-ms-range') ?? c.req.header('range'), found.size);
    if (range === 'unsatisfiable')
      throw new StorageError(416, 'InvalidRange', `The range is not within the blob, which has ${found.size} bytes.`);
    const { start, end } = range ?? { start: 0, end: found.size - 1 };
    if (range) facts['content-range'] = `bytes ${start}-${end}/${found.size}`;
    const body = end < start ? '' : webStream(await found.read({ start, end }));
    return send(c, body, range ? 206 : 200, { ...facts, 'content-length': String(end - start + 1) });
  }

  async function put(target: Target): Promise<Response> {
    const { c, stored, store } = target;
    mustBeNamed(stored.path);
    const type = c.req.header('x-ms-blob-type') ?? 'BlockBlob';
    if (type !== 'BlockBlob')
      throw new StorageError(400, 'InvalidHeaderValue', `Blobs of the type ${type.slice(0, 50)} are not kept here, only BlockBlob.`);
    await mustBeNew(target);
    await mustHaveStorage(store, stored, lengthOf(c));
    const md5 = await putBlob({ store, blobs: services.blobs }, stored, bodyOf(c), c.req.header('content-md5'), metadataOf(c));
    return written(target, 201, { 'content-md5': md5 });
  }

  async function block({ c, query, stored, store }: Target): Promise<Response> {
    mustBeNamed(stored.path);
    await mustHaveStorage(store, stored, lengthOf(c));
    const md5 = await putBlock(
      { store, blobs: services.blobs },
      stored,
      query.get('blockid') ?? '',
      bodyOf(c),
      c.req.header('content-md5'),
    );
    return send(c, null, 201, { 'content-md5': md5, 'x-ms-request-server-encrypted': 'true' });
  }

  async function blockList(target: Target): Promise<Response> {
    const { c, stored, store } = target;
    mustBeNamed(stored.path);
    await mustBeNew(target);
    const body = await smallBody(c);
    const ids = blockIds(body.toString('utf8'));
    if (!ids) throw new StorageError(400, 'InvalidXmlDocument', 'The body is no list of blocks.');
    const md5 = createHash('md5').update(body).digest('base64');
    checkMd5(c.req.header('content-md5'), md5);
    await commitBlocks({ store, blobs: services.blobs }, stored, ids, metadataOf(c));
    // It is the MD5 of the list: the client compares it with what it sent.
    return written(target, 201, { 'content-md5': md5 });
  }

  async function setMetadata(target: Target): Promise<Response> {
    const { c, stored, store } = target;
    const metadata = metadataOf(c);
    const isThere = await store.write((writer) => writer.setBlobMetadata(stored.container, stored.path, metadata));
    if (!isThere) throw new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.');
    return written(target, 200, {});
  }

  async function remove({ c, stored, store }: Target): Promise<Response> {
    if (!(await store.blob(stored.container, stored.path)))
      throw new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.');
    await store.write((writer) => writer.deleteBlobs(stored.container, stored.path));
    return send(c, null, 202, {});
  }

  async function mustBeNew({ c, store, stored: { container, path }, mayReplace }: Target): Promise<void> {
    const mustBe = c.req.header('if-none-match') === '*';
    if ((mayReplace && !mustBe) || !(await store.blob(container, path))) return;
    if (!mustBe)
      throw new StorageError(
        403,
        'UnauthorizedBlobOverwrite',
        'The signature of the URL lets write new blobs alone, and there is this one already.',
      );
    throw new StorageError(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  }

  async function written(
    { c, source, stored: { container, path } }: Target,
    status: ContentfulStatusCode,
    more: Record<string, string>,
  ): Promise<Response> {
    return send(c, null, status, { ...named((await source.find(container, path))!), 'x-ms-request-server-encrypted': 'true', ...more });
  }
}

const actions = 'Microsoft.MachineLearningServices/workspaces';
const toRead = [`${actions}/datastores/read`, `${actions}/metadata/artifacts/read`];
/** The same of a registry. */
const registryActions = 'Microsoft.MachineLearningServices/registries';
const toReadRegistry = [`${registryActions}/assets/read`];
const toWriteRegistry = [`${registryActions}/assets/write`];
const toWrite = [`${actions}/datastores/listSecrets/action`, `${actions}/metadata/artifacts/write`, `${actions}/metadata/snapshots/write`];

/** Why a member of a team may not what a signed URL grants; undefined for who may, and for those who are no members. */
function whyNoMore(team: Team | undefined, id: string, workspace: string, permissions: readonly SasPermission[]): string | undefined {
  // The others have a word before theirs.
  if (id.includes('/') || id === thePlane.id) return undefined;
  const member = team?.member(id);
  if (!team || !member) return 'Who had this URL signed is no member of the team any more.';
  const scope = team.scopeOf(workspace);
  const [write, read] = registryKeptAs(workspace) === undefined ? [toWrite, toRead] : [toWriteRegistry, toReadRegistry];
  const wanted = permissions.some((each) => 'acwd'.includes(each)) ? write : read;
  const mayStill = scope !== undefined && wanted.some((action) => team.may({ id, groups: [], within: undefined }, action, scope));
  return mayStill ? undefined : `${member.name}, who had this URL signed, may not do this any more.`;
}

function targetOf(c: Context): Omit<Target, 'store' | 'source' | 'mayReplace'> {
  const url = new URL(c.req.url);
  const container = /^\/([^/]+)/.exec(url.pathname)![1]!;
  const located = locate(container);
  if (!located) throw new StorageError(404, 'ContainerNotFound', 'The specified container does not exist.');
  const path = `${pathAfter(url.pathname, `/${container}/`)}${/[^/]\/$/.test(url.pathname.slice(container.length + 1)) ? '/' : ''}`;
  return {
    c,
    query: url.searchParams,
    container,
    path,
    root: located.root,
    stored: { container: located.container, path: located.root + path },
  };
}

function mustBeNamed(path: string): void {
  if (path.endsWith('/')) throw new StorageError(400, 'InvalidUri', 'The name of a blob must not end with "/".');
  if (path.length > 1024) throw new StorageError(400, 'InvalidUri', 'The name of a blob may have at most 1,024 characters.');
}

/** `x-ms-meta-*`, as Azure limits it: names are identifiers, 8 kB together. */
function metadataOf(c: Context): Record<string, string> {
  const entries = Object.entries(c.req.header())
    .filter(([name]) => name.startsWith('x-ms-meta-'))
    .map(([name, value]) => [name.slice('x-ms-meta-'.length), value] as [string, string]);
  if (entries.some(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)))
    throw new StorageError(400, 'InvalidMetadata', 'A name of metadata must be an identifier.');
  if (entries.join('').length > 8192) throw new StorageError(400, 'MetadataTooLarge', 'Metadata may have at most 8 kB.');
  return Object.fromEntries(entries);
}

async function smallBody(c: Context): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(c)) {
    length += chunk.byteLength;
    if (length > blockListLimit) throw new StorageError(413, 'RequestBodyTooLarge', 'The list of blocks is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const named = ({ etag, modifiedAt }: BlobFacts): Record<string, string> => ({ etag: `"${etag}"`, 'last-modified': httpTime(modifiedAt) });

function send(
  c: Context,
  body: string | ReadableStream | Uint8Array | null,
  status: ContentfulStatusCode,
  headers: Record<string, string>,
): Response {
  const version = c.req.header('x-ms-version');
  return c.body(body as string, status, {
    'x-ms-request-id': randomUUID(),
    ...(version ? { 'x-ms-version': version.slice(0, 20) } : {}),
    ...headers,
  });
}

function refusal(c: Context, error: unknown, { logger }: PlaneServices): Response {
  let known: StorageError;
  if (error instanceof StorageError) known = error;
  else if (error instanceof UserError)
    known =
      error.code === 'DiskFull'
        ? new StorageError(507, 'InsufficientStorage', error.describe())
        : error.code === 'QuotaExceeded'
          ? new StorageError(403, 'QuotaExceeded', error.describe())
          : error.code === 'StoreUnreachable' || error.code === 'PlaneUnreachable'
            ? // Azure's clients try it again by themselves.
              new StorageError(503, 'ServerBusy', error.describe())
            : new StorageError(400, 'InvalidUri', error.describe());
  else {
    logger.error(`${c.req.method} ${c.req.path}`, error);
    known = new StorageError(
      500,
      'InternalError',
      'Something went wrong inside the control plane. Its log (serve.log in the data folder) says more.',
    );
  }
  const body = c.req.method === 'HEAD' ? null : errorXml(known.code, known.message);
  return send(c, body, known.status, { 'x-ms-error-code': known.code, ...(body ? { 'content-type': 'application/xml' } : {}) });
}
