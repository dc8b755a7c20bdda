import { randomUUID } from 'node:crypto';
import { basename } from 'node:path/posix';
import { type Context, Hono } from 'hono';
import { UserError } from '../../../base/userError.ts';
import { artifactContainer } from '../../../protocol/asset.ts';
import { artifactOwner } from '../../../protocol/jobPlaces.ts';
import { traceKeys } from '../../../protocol/trace.ts';
import type { StoreReader } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { safePath } from '../../paths.ts';
import { mustHaveStorage, putWithinQuota } from '../../queue/storageQuota.ts';
import type { PlaneServices } from '../../services.ts';
import { unfinished } from '../../unfinishedUploads.ts';
import { bodyOf, lengthOf, sendContent } from '../blobs.ts';
import { artifactBlob, type BlobAddress, listFolder, modelOwner, servedAddress } from './artifactAddress.ts';
import type { Endpoints } from './endpoint.ts';
import { ownRun, runById } from './findRun.ts';
import { noSuchModel } from './lineage.ts';
import { versionOf } from './registry/registered.ts';
import { Fields, fieldsOf, invalid } from './request.ts';
import { artifactUri } from './runs.ts';
import { spanFile } from './traces/spanFile.ts';
import { findTrace } from './traces/trace.ts';

const mostParts = 10_000;

/** MLflow's artifact endpoints of the tracking API. */
export function artifactEndpoints(): Endpoints {
  return {
    'GET artifacts/list': async (fields, { store }) => {
      const run = await runById(store, fields.text('run_id', 'run_uuid'));
      const path = safeMlflowPath(fields.optionalText('path') ?? '');
      const root = artifactUri(run);
      const address = servedAddress(root);
      if (!address) throw invalid(`The artifacts of this run are at ${root}, which this control plane does not serve.`);
      const files = await listFolder(store, inside(address, path));
      return { root_uri: root, files: files.map((each) => ({ ...each, path: path ? `${path}/${each.path}` : each.path })) };
    },
  };
}

/** The artifact proxy, below each of `roots`, and the addresses that MLflow's pages download from. */
export function artifactRoutes({ blobs }: PlaneServices, roots: readonly string[]): Hono {
  const app = new Hono();
  const marker = '/mlflow-artifacts/';
  const read = async (c: Context, address: BlobAddress, shown: string): Promise<Response> => {
    const { store } = c.get('asked');
    const found = await store.blob(address.container, address.path);
    if (found) {
      const response = await sendContent(c, blobs, found, address.path);
      response.headers.set('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(basename(address.path))}`);
      return response;
    }
    if ((await store.blobs(address.container, address.path, false)).length)
      throw invalid(`Artifact path refers to a directory, not a file: '${shown}'`);
    throw new UserError('NotFound', `No such artifact: '${shown}'`);
  };

  for (const root of roots) {
    app.get(`${root}/:version/mlflow-artifacts/artifacts`, async (c) =>
      c.json({ files: await listFolder(c.get('asked').store, artifactBlob(safeMlflowPath(c.req.query('path') ?? ''))) }),
    );
    app.all(`${root}/:version/mlflow-artifacts/artifacts/*`, async (c) => {
      const path = proxied(c, `${marker}artifacts/`);
      const address = artifactBlob(path);
      const { store } = c.get('asked');
      if (c.req.method === 'GET' || c.req.method === 'HEAD') return read(c, address, path);
      if (c.req.method === 'PUT') {
        await mayWriteTo(store, address);
        await mustHaveStorage(store, address, lengthOf(c));
        const written = await blobs.put(bodyOf(c));
        await store.write(async (writer) => {
          await mayReplace(writer, address, written.sha256);
          await mustFit(writer, address);
          await putWithinQuota(writer, address, written);
        });
        return c.json({});
      }
      if (c.req.method === 'DELETE') {
        await store.write((writer) => writer.deleteBlobs(address.container, address.path));
        return c.json({});
      }
      throw new UserError('NotFound', `${c.req.method} is not known for artifacts.`);
    });

    app.post(`${root}/:version/mlflow-artifacts/mpu/create/*`, async (c) => {
      const fields = await fieldsOf(c);
      await mayWriteTo(c.get('asked').store, uploaded(c, `${marker}mpu/create/`, fields));
      const count = fields.whole('num_parts', 1);
      if (count < 1 || count > mostParts)
        throw invalid(`Invalid value ${count} for parameter 'num_parts' supplied: it must be 1 to ${mostParts}.`);
      const id = randomUUID();
      const { pathname } = new URL(c.req.url);
      const base = `${originOf(c)}${pathname.slice(0, pathname.indexOf(marker))}${marker}mpu/part/${id}`;
      // The client sends parts with these headers and no others: the plane lets it in by the same token.
      const headers = c.req.header('authorization') ? { Authorization: c.req.header('authorization') } : {};
      return c.json({
        upload_id: id,
        credentials: Array.from({ length: count }, (_, index) => ({ url: `${base}/${index + 1}`, part_number: index + 1, headers })),
      });
    });
    app.put(`${root}/:version/mlflow-artifacts/mpu/part/:upload/:part`, async (c) => {
      const { store } = c.get('asked');
      const address = partAddress(c.req.param('upload'), Number(c.req.param('part')));
      await mustHaveStorage(store, address, lengthOf(c));
      const written = await blobs.put(bodyOf(c));
      await store.write((writer) => putWithinQuota(writer, address, written));
      return c.body(null, 200, { etag: `"${written.sha256}"` });
    });
    app.post(`${root}/:version/mlflow-artifacts/mpu/complete/*`, async (c) => {
      const fields = await fieldsOf(c);
      const target = uploaded(c, `${marker}mpu/complete/`, fields);
      const { store } = c.get('asked');
      await mayWriteTo(store, target);
      const id = fields.text('upload_id');
      const parts = await Promise.all(
        fields
          .objects('parts')
          .map((each) => new Fields(each as Record<string, unknown>))
          .map((part) => ({ number: part.whole('part_number', 0), etag: part.optionalText('etag') }))
          .sort((a, b) => a.number - b.number)
          .map(async ({ number, etag }) => {
            const address = partAddress(id, number);
            const found = await store.blob(address.container, address.path);
            if (!found) throw new UserError('NotFound', `The upload ${id} has no part ${number}.`);
            if (etag && etag.replaceAll('"', '') !== found.sha256)
              throw invalid(`The part ${number} of the upload ${id} has another ETag.`);
            return found;
          }),
      );
      if (parts.length === 0) throw invalid('An upload needs at least one part.');
      const written = await blobs.put(joined(parts));
      await store.write(async (writer) => {
        await mayReplace(writer, target, written.sha256);
        await mustFit(writer, target);
        await writer.deleteBlobs(unfinished.parts, id);
        await putWithinQuota(writer, target, written);
      });
      return c.json({});
    });
    app.post(`${root}/:version/mlflow-artifacts/mpu/abort/*`, async (c) => {
      proxied(c, `${marker}mpu/abort/`, true);
      const { store } = c.get('asked');
      const { path } = partAddress((await fieldsOf(c)).text('upload_id'), 1);
      await store.write((writer) => writer.deleteBlobs(unfinished.parts, path.split('/')[0]!));
      return c.json({});
    });

    app.all(`${root}/:version/mlflow-artifacts/presigned/*`, () => {
      throw new UserError('NotImplemented', 'This control plane gives out no presigned addresses of artifacts: its proxy serves them.');
    });

    app.get(`${root}/:version/mlflow/logged-models/:model/artifacts/files`, async (c) => {
      const { store } = c.get('asked');
      const found = await store.entities.get('loggedModel', c.req.param('model'));
      if (!found || found.body.deleted) throw noSuchModel(c.req.param('model'));
      const path = safeMlflowPath(c.req.query('artifact_file_path') ?? '');
      return read(c, inside(served(found.body.artifact_location), path), path);
    });
  }

  for (const root of roots) {
    app.post(`${root}/:version/mlflow/upload-artifact`, async (c) => {
      const [run, given] = [c.req.query('run_uuid'), c.req.query('path')];
      if (!run) throw invalid('Request must specify run_uuid.');
      if (!given) throw invalid('Request must specify path.');
      const path = safeMlflowPath(given);
      const { store } = c.get('asked');
      const target = inside(served(artifactUri(await ownRun(store, run))), path);
      await mustHaveStorage(store, target, lengthOf(c));
      const written = await blobs.put(bodyOf(c));
      if (written.size === 0) throw invalid('Request must specify data.');
      await store.write(async (writer) => {
        await mustFit(writer, target);
        await putWithinQuota(writer, target, written);
      });
      return c.json({});
    });
    app.get(`${root}/:version/mlflow/get-trace-artifact`, async (c) => {
      const id = c.req.query('request_id');
      if (!id) throw invalid('Request must include the "request_id" query parameter.');
      const { store } = c.get('asked');
      const trace = await findTrace(store, id);
      const path = c.req.query('path');
      const folder = served(trace.tags[traceKeys.artifactLocation] ?? '');
      if (path) return read(c, inside(folder, `attachments/${safeMlflowPath(path)}`), path);
      const spans = await store.spans.of(id);
      if (spans.length === 0) return read(c, inside(folder, 'traces.json'), 'traces.json');
      return c.body(spanFile(spans), 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment; filename=traces.json',
        'x-content-type-options': 'nosniff',
      });
    });
  }

  app.get('/get-artifact', async (c) => {
    const path = safeMlflowPath(c.req.query('path') ?? '');
    const id = c.req.query('run_id') ?? c.req.query('run_uuid') ?? '';
    return read(c, inside(served(artifactUri(await runById(c.get('asked').store, id))), path), path);
  });
  const modelFile = async (c: Context) => {
    const path = safeMlflowPath(c.req.query('path') ?? '');
    const version = await versionOf(c.get('asked').store, c.req.query('name') ?? '', c.req.query('version') ?? '');
    return read(c, inside(served(String(version.properties.modelUri)), path), path);
  };
  // MLflow's pages put a second slash in front of it.
  app.get('/model-versions/get-artifact', modelFile);
  app.get('//model-versions/get-artifact', modelFile);
  return app;

  async function* joined(parts: { sha256: string }[]): AsyncGenerator<Uint8Array> {
    for (const { sha256 } of parts) yield* await blobs.read(sha256);
  }
}

/** A job's token writes below its own runs' artifacts, and where no run's are: what belongs to a logged model or a trace. */
async function mayWriteTo(store: OwnReader, { container, path }: BlobAddress): Promise<void> {
  if (store.principal.kind !== 'job' || container !== artifactContainer) return;
  const owner = artifactOwner(`${path}/`);
  if (owner !== undefined) await ownRun(store, owner);
}

/** What is not its own run's, a job's token adds, and replaces it only by the same: a client may send a file again. */
async function mayReplace(store: OwnReader, address: BlobAddress, sha256: string): Promise<void> {
  const { container, path } = address;
  if (store.principal.kind !== 'job' || (container === artifactContainer && artifactOwner(`${path}/`) !== undefined)) return;
  const found = await store.blob(container, path);
  if (!found || found.sha256 === sha256 || (await isOfOwnModel(store, address))) return;
  throw new UserError('Forbidden', `The token of a job does not let it replace "${path.slice(0, 200)}", which is there already.`);
}

/** Whether it is a file of a logged model that the job, or a run below it, has made. */
async function isOfOwnModel(store: OwnReader, { container, path }: BlobAddress): Promise<boolean> {
  const id = container === artifactContainer ? modelOwner(path) : undefined;
  const run = id === undefined ? undefined : (await store.entities.get('loggedModel', id))?.body.source_run_id;
  return (
    typeof run === 'string' &&
    (await ownRun(store, run).then(
      () => true,
      () => false,
    ))
  );
}

/** A name is a file or a folder: nothing goes below a file, and no file in the place of a folder. */
async function mustFit(reader: StoreReader, { container, path }: BlobAddress): Promise<void> {
  if ((await reader.blobsFrom(container, `${path}/`, '', 1)).length > 0)
    throw new UserError('Conflict', `"${basename(path)}" already exists as a folder, so no file can have that name.`);
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    if (await reader.blob(container, path.slice(0, end)))
      throw new UserError('Conflict', `"${basename(path.slice(0, end))}" already exists as a file, so nothing can be put below it.`);
}

/** Where an upload in parts goes: the request's path is the folder, and the body's `path` the client's file, whose name it keeps. */
function uploaded(c: Context, marker: string, fields: Fields): BlobAddress {
  const file = fields.text('path');
  const name = safeMlflowPath(basename(/^[a-z]:[\\/]/i.test(file) ? file.replaceAll('\\', '/') : file));
  const folder = proxied(c, marker, true);
  if (name === '') throw invalid('Invalid path');
  return artifactBlob(folder ? `${folder}/${name}` : name);
}

type OwnReader = Pick<StoreReader, 'job' | 'principal' | 'blob' | 'entities'>;

function served(uri: string): BlobAddress {
  const address = servedAddress(uri);
  if (!address) throw invalid(`The artifacts are at ${uri}, which this control plane does not serve.`);
  return address;
}

const inside = (folder: BlobAddress, path: string): BlobAddress => (path ? { ...folder, path: `${folder.path}/${path}` } : folder);

function partAddress(upload: string, part: number): BlobAddress {
  if (!/^[0-9a-f-]{36}$/.test(upload) || !Number.isInteger(part) || part < 1 || part > mostParts)
    throw invalid('That is no upload of this control plane.');
  return { container: unfinished.parts, path: `${upload}/${String(part).padStart(5, '0')}` };
}

/** The path behind `marker` in the request's address, decoded; it must name something, unless it is a folder. */
function proxied(c: Context, marker: string, isFolder = false): string {
  const { pathname } = new URL(c.req.url);
  let rest: string;
  try {
    rest = decodeURIComponent(pathname.slice(pathname.indexOf(marker) + marker.length));
  } catch {
    throw invalid('Invalid path');
  }
  const path = safeMlflowPath(rest);
  if (path === '' && !isFolder) throw invalid('Invalid path');
  return path;
}

/** As `safePath`, in MLflow's words. */
export function safeMlflowPath(path: string): string {
  if (path.startsWith('/')) throw invalid('Invalid path');
  try {
    return safePath(path);
  } catch {
    throw invalid('Invalid path');
  }
}
