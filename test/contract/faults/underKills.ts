import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { allPages, type PlaneClient } from '../../../src/client/planeClient.ts';
import { findPlane } from '../../../src/plane/ensurePlane.ts';
import { isPipeline, isTerminal, type Job, type PipelineNode } from '../../../src/protocol/job.ts';
import { withRetries } from '../../../src/transfer/withRetries.ts';
import { component, jobWhen, shellEnvironment } from '../plane.ts';
import { startPlaneProcess } from '../planeProcess.ts';
import { seeded } from './random.ts';
import { startRunnerProcess } from './runnerProcess.ts';

export interface Kills {
  folder: string;
  seed: number;
  /** What is killed with SIGKILL: the plane with the runner that is in it, or a runner in a process of its own. */
  kill: 'runner' | 'plane';
  kills: number;
}

export interface Outcome {
  /** Pipelines, sweeps, and their steps and trials. */
  jobs: number;
  /** Jobs whose state is not the true one: all commands go well, and each job should say so. */
  wrong: string[];
  /** Commands that ran more than once. */
  doubled: string[];
}

/** Pipelines and sweeps at a time. */
const atATime = 3;
/** Milliseconds for what is left after the last kill. */
const patience = 120_000;
/** Milliseconds between a start and a kill, at most. */
const mostLife = 2000;

/** Metrics are logged until the plane takes them, as MLflow's own clients do. */
const logScore =
  'curl -sS -o /dev/null --retry 100 --retry-all-errors --retry-delay 1 -X POST "$MLFLOW_TRACKING_URI/api/2.0/mlflow/runs/log-metric" -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" -H "content-type: application/json" -d "{\\"run_id\\":\\"$MLFLOW_RUN_ID\\",\\"key\\":\\"score\\",\\"value\\":${{search_space.x}},\\"timestamp\\":1,\\"step\\":1}"';

/** Kills one of the two at random points while pipelines and sweeps run, and looks at what each job says in the end. */
export async function underKills({ folder, seed, kill, kills }: Kills): Promise<Outcome> {
  const random = seeded(seed);
  const home = path.join(folder, 'home');
  const marks = path.join(folder, 'marks');
  mkdirSync(marks, { recursive: true });
  const options = kill === 'runner' ? ['--no-runner'] : [];
  let plane = await startPlaneProcess(home, options);
  const { url, token } = (await findPlane(home))!;
  const startRunner = () => startRunnerProcess(path.join(folder, 'far'), url, token);
  let runner = kill === 'runner' ? startRunner() : undefined;
  const names: string[] = [];
  try {
    const submit = await submitter(plane.client, marks);
    for (let round = 0; round < kills; round++) {
      // The connections that are kept to the plane before may be lost only now.
      const { client } = plane;
      const running = (await withRetries(() => roots(client))).filter(({ properties }) => !isTerminal(properties.status!));
      for (let more = running.length; more < atATime; more++) names.push(await withRetries(() => submit(client, names.length)));
      // One of three is killed at any point of its start. Were that all of them, on a busy machine none would ever be heard of.
      if (round % 3 !== 0) await runner?.up;
      await delay(random() * mostLife);
      if (runner) {
        await runner.kill();
        runner = startRunner();
      } else {
        await plane.kill();
        plane = await startPlaneProcess(home, options);
      }
    }
    await Promise.race([Promise.all(names.map((name) => jobWhen(plane.client, name))), delay(patience, undefined, { ref: false })]);
    return await outcomeOf(plane.client, marks);
  } finally {
    await runner?.kill();
    await plane.kill();
  }
}

const roots = (client: PlaneClient): Promise<Job[]> => Array.fromAsync(allPages((next) => client.listJobs({ top: 1000 }, next)));

/** Submits pipelines and sweeps in turn; answers the name. */
async function submitter(client: PlaneClient, marks: string) {
  const environmentId = await shellEnvironment(client);
  const note = `echo x >> ${marks}/$AZUREML_RUN_ID; read -t 0.1 < <(:) || true`;
  const outputs = { out: { type: 'uri_folder' } };
  const environment = `azureml:${environmentId}`;
  const first = await component(client, 'first', { environment, outputs, command: `${note}; echo $RANDOM > \${{outputs.out}}/file` });
  const next = await component(client, 'next', {
    environment,
    inputs: { before: { type: 'uri_folder' } },
    outputs,
    command: `${note}; cat \${{inputs.before}}/file > \${{outputs.out}}/file`,
  });
  const after = (step: string) => ({ before: { job_input_type: 'literal', value: `\${{parent.jobs.${step}.outputs.out}}` } });
  const jobs: Record<string, PipelineNode> = {
    a: { type: 'command', componentId: first },
    b: { type: 'command', componentId: next, inputs: after('a') },
    c: { type: 'command', componentId: next, inputs: after('a') },
    d: { type: 'command', componentId: next, inputs: after('c') },
  };
  return async (plane: PlaneClient, index: number): Promise<string> => {
    const name = `job${index}`;
    if (index % 2 === 0) await plane.putJob(name, { jobType: 'Pipeline', jobs, settings: { force_rerun: true } });
    else
      await plane.putJob(name, {
        jobType: 'Sweep',
        trial: { command: `${note}; ${logScore}`, environmentId },
        searchSpace: { x: ['choice', [[1, 2, 3]]] },
        samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
        objective: { goal: 'maximize', primaryMetric: 'score' },
        limits: { maxTotalTrials: 3, maxConcurrentTrials: 2 },
      });
    return name;
  };
}

async function outcomeOf(client: PlaneClient, marks: string): Promise<Outcome> {
  const ran = new Map(readdirSync(marks).map((name) => [name, readFileSync(path.join(marks, name), 'utf8').split('\n').length - 1]));
  const wrong: string[] = [];
  let jobs = 0;
  for (const root of await roots(client)) {
    const children = await Array.fromAsync(allPages((next) => client.listJobs({ parent: root.name, top: 1000 }, next)));
    jobs += 1 + children.length;
    const expected = isPipeline(root) ? 4 : 3;
    if (children.length !== expected) wrong.push(`${root.name} has ${children.length} jobs`);
    for (const { name, properties } of [root, ...children])
      if (properties.status !== 'Completed') wrong.push(`${name} is ${properties.status}: ${properties.error?.message}`);
    for (const { name } of children) if (!ran.has(name)) wrong.push(`${name} never ran`);
  }
  return { jobs, wrong, doubled: [...ran].filter(([, count]) => count > 1).map(([name]) => name) };
}
