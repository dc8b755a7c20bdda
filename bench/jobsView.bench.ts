import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allPages, type PlaneClient } from '../src/client/planeClient.ts';
import { JobFeed } from '../src/extension/state/jobFeed.ts';
import { type JobsNode, JobsState } from '../src/extension/state/jobs.ts';
import { PlaneConnection } from '../src/extension/state/planeConnection.ts';
import { findPlane } from '../src/plane/ensurePlane.ts';
import { defaultWorkspace } from '../src/protocol/arm.ts';
import type { PlaneLock } from '../src/protocol/plane.ts';
import { thePlane } from '../src/protocol/principal.ts';
import { openSqliteStore } from '../src/store/sqlite/sqliteStore.ts';
import { startPlaneProcess } from '../test/contract/planeProcess.ts';
import { type Benchmark, figure, inTurn } from './figure.ts';

const jobs = 10_000;
const experiments = 20;
const ws = defaultWorkspace.workspace;

/** Puts the jobs into a data folder before a plane opens it. */
async function fill(folder: string): Promise<void> {
  const { store } = openSqliteStore(folder);
  await store.in(ws, thePlane).write(async (writer) => {
    const ids: string[] = [];
    for (let index = 0; index < experiments; index++) ids.push((await writer.createExperiment(`experiment ${index}`)).id);
    for (let index = 0; index < jobs; index++) {
      await writer.putJob({
        name: `job_${index}`,
        experimentId: ids[index % experiments]!,
        properties: { jobType: 'Command', command: '', environmentId: '', displayName: `Job number ${index}` },
        status: 'Running',
        parent: null,
        claimedBy: null,
        startedAt: Date.now(),
        endedAt: null,
        user: 'someone',
        isDeleted: false,
      });
    }
  });
  await store.close();
}

/** The state behind the view, and what an editor asks it: the roots, and the children of one experiment, which is open. */
async function openView(lock: PlaneLock) {
  const connection = new PlaneConnection(async () => lock);
  const feed = new JobFeed(connection);
  const state = new JobsState(connection, feed);
  const roots = await state.roots();
  const open = roots.find((node) => node.kind === 'experiment' && node.name !== 'Default')!;
  const children = await state.childrenOf(open);
  return {
    state,
    open,
    shown: roots.length + children.length,
    close() {
      for (const each of [state, feed, connection]) each.dispose();
    },
  };
}

/** A provider without paging or levels: every job is an item from the start. */
async function flatProvider(client: PlaneClient): Promise<number> {
  const items: { label: string; description: string; id: string }[] = [];
  for await (const job of allPages((next) => client.listJobs({ top: 1000 }, next)))
    items.push({ label: job.properties.displayName ?? job.name, description: job.properties.status ?? '', id: job.name });
  if (items.length !== jobs) throw new Error(`The flat provider has ${items.length} items.`);
  return items.length;
}

/** Tree items that an editor asks for after one job's status changed: the node that the state names, and its children where they are open. */
async function itemsAfterOneChange(lock: PlaneLock, client: PlaneClient, round: number): Promise<number> {
  const view = await openView(lock);
  try {
    const [first] = (await view.state.childrenOf(view.open)).filter((node) => node.kind === 'job');
    let asked = 0;
    const settled = new Promise<void>((resolve, reject) => {
      view.state.onDidChange((node: JobsNode | undefined) => {
        const children = node === undefined ? view.state.roots() : node === view.open ? view.state.childrenOf(node) : [];
        Promise.resolve(children).then((list) => {
          asked += (node ? 1 : 0) + list.length;
          if (node?.kind === 'job' && node.name === first!.name) resolve();
        }, reject);
      });
    });
    await client.patchJob(first!.name, { tags: { round: String(round) } });
    await client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: first!.name, status: round % 2 ? 'RUNNING' : 'FINISHED' });
    await settled;
    return asked;
  } finally {
    view.close();
  }
}

export const benchmark: Benchmark = {
  name: 'jobsView',
  what: `the Jobs view with ${jobs} jobs in ${experiments} experiments (its state against a real plane)`,
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    await fill(folder);
    const plane = await startPlaneProcess(folder, ['--no-runner']);
    try {
      const lock = (await findPlane(folder))!;
      let shown = 0;
      const { a, b, ratio } = await inTurn(
        7,
        async () => {
          const view = await openView(lock);
          shown = view.shown;
          view.close();
        },
        () => flatProvider(plane.client),
      );
      const asked: number[] = [];
      for (let round = 0; round < 5; round++) asked.push(await itemsAfterOneChange(lock, plane.client, round));
      return [
        figure(`first paint, Updraft (${shown} items)`, a, 'ms'),
        figure(`first paint, flat provider (${jobs} items)`, b, 'ms'),
        figure(
          'flat provider / Updraft',
          ratio.map((each) => 1 / each),
          'x',
          { atLeast: 10 },
        ),
        figure('tree items asked for after one status change', asked, 'items', { atMost: 3 }),
      ];
    } finally {
      await plane.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
