import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { type Context, type ContextVariableMap, Hono } from 'hono';
import { mapParallel } from '../../../base/parallel.ts';
import { joined } from '../../../base/ranges.ts';
import { UserError } from '../../../base/userError.ts';
import { type Cut, chunksOf, groupsOf } from '../../../files/chunks.ts';
import { check } from '../../../protocol/check.ts';
import { memberOf } from '../../../protocol/principal.ts';
import {
  type AssembledFile,
  AssembleFile,
  ChunksOf,
  chunkEntryBytes,
  type FileContent,
  FindFiles,
  type FoundFiles,
  type Piece,
  PiecesOf,
  type SimilarFile,
  SimilarTo,
} from '../../../protocol/transfer.ts';
import type { StoredBlob, StoreReader } from '../../../store/store.ts';
import { safeName, safePath } from '../../paths.ts';
import { mustHaveStorage, putWithinQuota } from '../../queue/storageQuota.ts';
import type { PlaneServices } from '../../services.ts';
import { jsonBody } from '../arm/request.ts';
import { webStream } from '../sendRange.ts';
import { arrivedRanges } from './arrivedRanges.ts';
import { ArrivingBytes } from './arrivingBytes.ts';
import { assemble } from './assemble.ts';
import { checkedPieces, headOf, keepPack, mostOfPack } from './keepPack.ts';
import { PacksUnderWay } from './packsUnderWay.ts';

/** Contents that are looked for at the same time. */
const parallel = 16;
/** Milliseconds after which a request for a file that is being made is answered, so that no proxy gives it up. */
const patience = 15_000;
/** Of another version of a file, how many times smaller or greater it may be to be worth a comparison. */
const mostTimes = 8;
/** Chunks that are told together. */
const together = 32;

/**
 * Files that go from one plane to another. Who sends them asks what is missing, sends that in packs of a few MiB, and has files that came in parts assembled. Whatever is cut off goes on with the bytes that
 * have not arrived.
 */
export function transferRoutes({ blobs }: Pick<PlaneServices, 'blobs'>): Hono {
  const app = new Hono();
  /** Files that are being assembled, by workspace and address. */
  const underWay = new Map<string, Promise<AssembledFile>>();
  const packs = new PacksUnderWay();

  app.post('/updraft/transfer/find', async (c) => {
    const { store } = c.get('asked');
    const asked = check(FindFiles, await jsonBody(c), 'The list of files');
    if (asked.after !== undefined) await packs.settled(`${store.principal.id} ${asked.after}`);
    const container = safeName(asked.container, 'container');
    const files = asked.files.map((file) => ({ ...file, path: safePath(file.path) }));
    const there = await mapParallel(files, parallel, (file) => isInReach(c, container, file));
    const toName = files.filter((_, index) => there[index] === 'without its name');
    if (toName.length > 0)
      await store.write(async (writer) => {
        for (const { path, ...content } of toName) await putWithinQuota(writer, { container, path }, content);
      });
    const found: FoundFiles['files'] = await mapParallel(files, parallel, async ({ path, sha256, size }, index) => {
      if (there[index]) return { isThere: true, arrived: [] };
      await mustHaveStorage(store, { container, path }, size);
      return { isThere: false, arrived: joined(await arrivedRanges(store, sha256)) };
    });
    return c.json({ files: found } satisfies FoundFiles);
  });

  app.post('/updraft/transfer/packs', async (c) => {
    const { store, principal } = c.get('asked');
    const { stillMay } = c.var as Partial<ContextVariableMap>;
    const body = new ArrivingBytes(bodyOf(c), mostOfPack);
    const head = await headOf(body);
    await packs.keep(`${principal.id} ${head.id}`, body, () => keepPack({ store, blobs }, head, body, stillMay));
    return c.json({});
  });

  app.post('/updraft/transfer/assemble', async (c) => {
    const { store, workspace } = c.get('asked');
    const asked = check(AssembleFile, await jsonBody(c), 'The file');
    const file = { ...asked, container: safeName(asked.container, 'container'), path: safePath(asked.path) };
    const key = JSON.stringify([workspace, store.principal.id, file.container, file.path, file.sha256]);
    let work = underWay.get(key);
    if (!work) {
      work = assemble({ store, blobs }, file).then((missing) => ({ isThere: missing.length === 0, missing }));
      underWay.set(key, work);
      // Who asks after it has failed has it tried again.
      work.catch(() => {}).finally(() => underWay.delete(key));
    }
    let timer: NodeJS.Timeout | undefined;
    const later = new Promise<AssembledFile>((resolve) => {
      timer = setTimeout(() => resolve({ isThere: false, missing: [] }), patience);
    });
    return c.json(await Promise.race([work, later]).finally(() => clearTimeout(timer)));
  });

  app.post('/updraft/transfer/read', async (c) => {
    const { store } = c.get('asked');
    const { container, pieces } = checkedPieces(check(PiecesOf, await jsonBody(c), 'The list of pieces'));
    await mapParallel(pieces, parallel, (piece) => mustBe(store, container, piece));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return send(c, contentOf(pieces), length);
  });

  app.post('/updraft/transfer/similar', async (c) => {
    const { container, path, size } = check(SimilarTo, await jsonBody(c), 'The file');
    const found = await c.get('asked').store.otherVersion(safeName(container, 'container'), safePath(path));
    const isLike = found && found.size <= size * mostTimes && size <= found.size * mostTimes;
    return c.json((isLike ? { file: { path: found.path, sha256: found.sha256, size: found.size } } : {}) satisfies SimilarFile);
  });

  app.post('/updraft/transfer/chunks', async (c) => {
    const { container, path, sha256, start, end, of } = check(ChunksOf, await jsonBody(c), 'The question for chunks');
    const { size } = await mustBe(c.get('asked').store, safeName(container, 'container'), { path: safePath(path), sha256 });
    if (start >= end || end > size)
      throw new UserError('InvalidRequest', `Bytes ${start} to ${end} are not in "${path.slice(0, 200)}", which has ${size}.`);
    const chunks = chunksOf(await blobs.read(sha256, { start, end: end - 1 }));
    return send(c, entriesOf(of === 'groups' ? groupsOf(chunks) : chunks));
  });

  return app;

  /** Whether the plane has a file already: under its name, or content that who asks may read anyway. From now on no sweep removes that. */
  async function isInReach(
    c: Context,
    container: string,
    { path, sha256, size }: FileContent,
  ): Promise<'with its name' | 'without its name' | undefined> {
    const { store, principal } = c.get('asked');
    if ((await store.blob(container, path))?.sha256 === sha256) return 'with its name';
    // To a member of a team the whole plane would tell what other workspaces have, and give it.
    if (memberOf(principal) && !(await store.blobWithContent(sha256))) return undefined;
    return (await blobs.hold(sha256)) === size ? 'without its name' : undefined;
  }

  async function* contentOf(pieces: Piece[]): AsyncGenerator<Uint8Array> {
    for (const { sha256, start, length } of pieces) if (length > 0) yield* await blobs.read(sha256, { start, end: start + length - 1 });
  }
}

/** The blob of that name; throws `Conflict` when it has another content by now, and `NotFound`. */
async function mustBe(store: StoreReader, container: string, { path, sha256 }: Pick<FileContent, 'path' | 'sha256'>): Promise<StoredBlob> {
  const found = await store.blob(container, path);
  if (!found) throw new UserError('NotFound', `There is no blob "${path}" in ${container}.`);
  if (found.sha256 !== sha256)
    throw new UserError('Conflict', `"${path.slice(0, 200)}" has changed since it was listed.`, 'List it again.');
  return found;
}

/** The body of a request: Node's own, where the request came over the network. */
function bodyOf(c: Context): Readable {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return (incoming as Readable | undefined) ?? Readable.from((c.req.raw.body ?? []) as AsyncIterable<Uint8Array>, { objectMode: false });
}

async function* entriesOf(cuts: AsyncIterable<Cut>): AsyncGenerator<Uint8Array> {
  let entries: Buffer[] = [];
  for await (const { length, hash } of cuts) {
    const entry = Buffer.alloc(chunkEntryBytes);
    entry.writeUInt32BE(length);
    hash.copy(entry, 4);
    entries.push(entry);
    if (entries.length < together) continue;
    yield Buffer.concat(entries);
    entries = [];
  }
  if (entries.length > 0) yield Buffer.concat(entries);
}

/** Bytes of `length`, or as many as come. */
const send = (c: Context, content: AsyncIterable<Uint8Array>, length?: number): Response =>
  c.body(webStream(Readable.from(content, { objectMode: false })) as unknown as string, 200, {
    'content-type': 'application/octet-stream',
    ...(length === undefined ? {} : { 'content-length': String(length) }),
  });
