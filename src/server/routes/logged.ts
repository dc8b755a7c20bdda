import { setImmediate as nextTurn } from 'node:timers/promises';
import { Hono } from 'hono';
import { artifactContainer } from '../../protocol/asset.ts';
import { check } from '../../protocol/check.ts';
import { artifactFolder } from '../../protocol/jobPlaces.ts';
import {
  type LoggedFile,
  type LoggedFiles,
  LoggedFilesRequest,
  type LoggedKey,
  type LoggedKeys,
  LoggedKeysRequest,
} from '../../protocol/loggedFiles.ts';
import { behindSteps, loggedName, loggedPlaces } from '../../protocol/loggedName.ts';
import type { StoreReader } from '../../store/store.ts';
import { jsonBody } from './arm/request.ts';

/** Artifacts that are read at a time, and how often of one run. */
const [filesAtOnce, mostReads] = [200, 25];
/** Keys that one answer tells of, and files of one run. */
const [mostKeys, mostFiles] = [1000, 5000];
const msAtOnce = 10;

type Reader = Pick<StoreReader, 'blobsFrom' | 'knownJobs'>;

/** What runs logged beside metrics, for the cards that show it: which keys there are, then the files of those in view. */
export function loggedRoutes(): Hono {
  const app = new Hono();

  app.post('/updraft/runs/logged', async (c) => {
    const { store } = c.get('asked');
    const { runs } = check(LoggedKeysRequest, await jsonBody(c), 'The request for what was logged');
    const found = new Map<string, LoggedKey>();
    let isCut = false;
    await eachRun(store, runs, async (run) => {
      const own = await keysOf(store, run);
      isCut ||= own.isCut;
      for (const [id, { kind, key }] of own.keys) {
        const known = found.get(id);
        if (known) known.runs++;
        else if (found.size < mostKeys) found.set(id, { kind, key, runs: 1 });
        else isCut = true;
      }
      return true;
    });
    const keys = [...found.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return c.json({ keys, ...(isCut ? { isCut } : {}) } satisfies LoggedKeys);
  });

  app.post('/updraft/runs/files', async (c) => {
    const { store } = c.get('asked');
    const request = check(LoggedFilesRequest, await jsonBody(c), 'The request for files of runs');
    const found: LoggedFiles['runs'] = [];
    let isCut = false;
    await eachRun(store, request.runs, async (run) => {
      const own = await filesOf(store, run, request);
      isCut ||= own.isCut;
      if (own.files.length > 0) found.push({ run, files: own.files });
      return found.length < request.limit;
    });
    return c.json({ runs: found, ...(isCut ? { isCut } : {}) } satisfies LoggedFiles);
  });

  return app;
}

/** One run after the other until `work` answers false; others have their turn in between. */
async function eachRun(store: Reader, runs: string[], work: (run: string) => Promise<boolean>): Promise<void> {
  let until = performance.now() + msAtOnce;
  for (const run of await store.knownJobs(runs)) {
    if (!(await work(run))) return;
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + msAtOnce;
  }
}

/** The keys of a run. Files of a model are the model's, and of a key with very many steps not all are looked at. */
async function keysOf(store: Reader, run: string): Promise<{ keys: Map<string, Pick<LoggedKey, 'kind' | 'key'>>; isCut: boolean }> {
  const folder = `${artifactFolder(run)}/`;
  const keys = new Map<string, Pick<LoggedKey, 'kind' | 'key'>>();
  const models: string[] = [];
  let after = '';
  for (let reads = 0; reads < mostReads; reads++) {
    const paths = (await store.blobsFrom(artifactContainer, folder, after, filesAtOnce)).map(({ path }) => path);
    for (const path of paths) if (path.endsWith('/MLmodel')) models.push(path.slice(folder.length, -'MLmodel'.length));
    for (const path of paths) {
      const own = path.slice(folder.length);
      const name = models.some((model) => own.startsWith(model)) ? undefined : loggedName(own);
      if (name) keys.set(`${name.kind} ${name.key}`, { kind: name.kind, key: name.key });
    }
    if (paths.length < filesAtOnce) return { keys, isCut: false };
    const [first, last] = [paths[0]!, paths.at(-1)!];
    const model = models.find((each) => last.startsWith(folder + each));
    const steps = behindSteps(last.slice(folder.length));
    if (model !== undefined) after = `${folder}${model}\u{10FFFF}`;
    // A whole part of one key's steps: what comes behind them is asked for next.
    else if (steps !== undefined && steps === behindSteps(first.slice(folder.length))) after = folder + steps;
    else after = last;
  }
  return { keys, isCut: true };
}

async function filesOf(
  store: Reader,
  run: string,
  { kind, key }: Pick<LoggedKey, 'kind' | 'key'>,
): Promise<{ files: LoggedFile[]; isCut: boolean }> {
  const folder = `${artifactFolder(run)}/`;
  const files: (LoggedFile & { at: number })[] = [];
  const previews = new Map<string, string>();
  let isCut = false;
  for (const place of loggedPlaces({ kind, key })) {
    let after = '';
    for (let isMore = true; isMore; ) {
      const blobs = await store.blobsFrom(artifactContainer, folder + place, after, filesAtOnce);
      for (const { path: whole, size, sha256 } of blobs) {
        const path = whole.slice(folder.length);
        const name = loggedName(path);
        if (name?.kind !== kind || name.key !== key) continue;
        if (name.previewOf !== undefined) previews.set(name.previewOf, path);
        else
          files.push({
            path,
            size,
            version: sha256.slice(0, 16),
            at: name.at ?? 0,
            ...(name.step === undefined ? {} : { step: name.step }),
          });
      }
      isMore = blobs.length === filesAtOnce;
      after = blobs.at(-1)?.path ?? '';
      if (isMore && files.length >= mostFiles) [isMore, isCut] = [false, true];
    }
  }
  files.sort((a, b) => (a.step ?? Number.NEGATIVE_INFINITY) - (b.step ?? Number.NEGATIVE_INFINITY) || a.at - b.at);
  const newest = files.filter((file, at) => file.step === undefined || files[at + 1]?.step !== file.step).slice(0, mostFiles);
  return {
    files: newest.map(({ at: _at, ...file }) => {
      const preview = previews.get(file.path);
      return preview === undefined ? file : { ...file, preview };
    }),
    isCut,
  };
}
