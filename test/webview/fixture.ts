import path from 'node:path';
import { after } from 'mocha';
import type { Job } from '../../src/protocol/job.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { startHub } from '../contract/modelHub.ts';
import type { ModelServer } from '../contract/modelServer.ts';
import { jobWhen, startPlane, type TestPlane } from '../contract/plane.ts';
import { ggufFile } from '../unit/catalog/modelFiles.ts';
import { closeBrowser } from './browser.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/pages');

/** A language model of a few kB, which answers in milliseconds. */
export const tinyModel = { folder: path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm'), name: 'tiny-colours-f32.gguf' };

let hub: Promise<ModelServer> | undefined;

/** A hub on loopback for all planes of this suite, with two models that are no more than headers. */
export const modelHub = (): Promise<ModelServer> =>
  (hub ??= startHub({
    'chat-Q4_K_M.gguf': ggufFile({ 'general.architecture': 'llama' }),
    'chat-F16.gguf': ggufFile({ 'general.architecture': 'llama' }, [{ name: 'a', shape: [256, 1024] }]),
  }));

/** A plane that serves the built pages, as `updraft serve` does. */
export async function startStudio(folder?: string): Promise<TestPlane> {
  process.env.HF_ENDPOINT = (await modelHub()).url;
  process.env.UPDRAFT_MODEL_FOLDERS = tinyModel.folder;
  process.env.UPDRAFT_STUDIO_FOLDER = path.resolve(import.meta.dirname, '../../dist/webview');
  return startPlane({}, folder);
}

let shared: Promise<TestPlane> | undefined;

/** One plane for all files of this suite, with a pipeline that completed (`digits_1`) and a job that failed (`wrong_file`). */
export const fixturePlane = (): Promise<TestPlane> =>
  (shared ??= startStudio().then(async (plane) => {
    await Promise.all([submitted(plane, 'pipeline.yml', 'digits_1'), submitted(plane, 'fails.yml', 'wrong_file')]);
    return plane;
  }));

after(async () => {
  await closeBrowser();
  await (await shared)?.remove();
  (await hub)?.close();
  hub = undefined;
});

/** Submits one of the fixture's YAML files and waits for its end. */
export async function submitted(plane: TestPlane, file: string, name: string, displayName?: string): Promise<Job> {
  await submitJob({ client: plane.client, file: path.join(folder, file), name, ...(displayName ? { displayName } : {}) });
  return jobWhen(plane.client, name);
}

/** A run without a process, as a notebook makes one: it stays `Running` until it is ended. Answers its name. */
export async function openRun(plane: TestPlane, name: string): Promise<string> {
  const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: '0',
    run_name: name,
  });
  return run.info.run_id;
}

export const endRun = (plane: TestPlane, run: string): Promise<void> =>
  plane.client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: run, status: 'FINISHED' });
