import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { allPages, type PlaneClient } from '../../../src/client/planeClient.ts';
import { findPlane } from '../../../src/plane/ensurePlane.ts';
import { isTerminal, type PipelineNode } from '../../../src/protocol/job.ts';
import { component, jobWhen, shellEnvironment } from '../plane.ts';
import { type PlaneProcess, startPlaneProcess } from '../planeProcess.ts';
import { type BadNetworkOptions, badNetwork } from './badNetwork.ts';
import { seeded } from './random.ts';
import { type RunnerProcess, startRunnerProcess } from './runnerProcess.ts';

export interface Faults {
  /** Of the plane and the runner; nothing is there yet. */
  folder: string;
  seed: number;
  /** What is killed with SIGKILL, this often. */
  kill: 'runner' | 'plane';
  kills: number;
  network: Pick<BadNetworkOptions, 'mostBytes' | 'outages'>;
  /** Seconds that a command takes. */
  stepSeconds?: number;
}

export interface Toll {
  cuts: number;
  /** Jobs that have not come to a good end. */
  stranded: string[];
  /** Steps whose command ran more than once. */
  doubled: string[];
  /** Steps that are said to have completed and whose command never ran. */
  missing: string[];
}

const chains = 8;
const length = 5;
/** Milliseconds for the rest of the pipeline after the last kill. */
const patience = 90_000;

/** A pipeline of 40 steps, chains that hand on a file, is run by a runner behind a bad network, while the runner or the plane is killed. Each step notes that it ran. */
export async function underFaults({ folder, seed, kill, kills, network, stepSeconds = 0.05 }: Faults): Promise<Toll> {
  const random = seeded(seed);
  const home = path.join(folder, 'home');
  const marks = path.join(folder, 'marks');
  mkdirSync(marks, { recursive: true });
  let plane = await startPlaneProcess(home, ['--no-runner']);
  const lock = (await findPlane(home))!;
  const bad = await badNetwork({ port: Number(new URL(lock.url).port), random, ...network });
  const startRunner = (): RunnerProcess => startRunnerProcess(path.join(folder, 'far'), bad.url, lock.token);
  let runner = startRunner();
  try {
    await plane.client.putJob('faulty', { jobType: 'Pipeline', jobs: await steps(plane.client, marks, stepSeconds) });
    for (let round = 0; round < kills; round++) {
      await marked(marks, Math.floor(((round + random()) / kills) * chains * length * 0.9));
      if (kill === 'plane') {
        await plane.kill();
        plane = await startPlaneProcess(home, ['--no-runner']);
      } else {
        await runner.kill();
        runner = startRunner();
      }
    }
    const ended = await endOf(plane);
    const stranded = ended ? [] : await unended(plane.client);
    const ran = new Map(readdirSync(marks).map((name) => [name, readFileSync(path.join(marks, name), 'utf8').split('\n').length - 1]));
    if (ended && ended !== 'Completed') stranded.push(`faulty: ${ended}`);
    const names = Array.from({ length: chains * length }, (_each, index) => `faulty-${stepName(index)}`);
    return {
      cuts: bad.cuts,
      stranded,
      doubled: names.filter((name) => (ran.get(name) ?? 0) > 1),
      missing: names.filter((name) => ended === 'Completed' && !ran.has(name)),
    };
  } finally {
    bad.close();
    await runner.kill();
    await plane.kill();
  }
}

const stepName = (index: number) => `s${Math.floor(index / chains)}_${index % chains}`;

async function steps(client: PlaneClient, marks: string, seconds: number): Promise<Record<string, PipelineNode>> {
  const environment = `azureml:${await shellEnvironment(client)}`;
  const note = `echo x >> ${marks}/$AZUREML_RUN_ID; read -t ${seconds} < <(:) || true`;
  const outputs = { out: { type: 'uri_folder' } };
  const first = await component(client, 'first', { environment, outputs, command: `${note}; echo $RANDOM > \${{outputs.out}}/file` });
  const next = await component(client, 'next', {
    environment,
    inputs: { before: { type: 'uri_folder' } },
    outputs,
    command: `${note}; cat \${{inputs.before}}/file > \${{outputs.out}}/file; echo $RANDOM >> \${{outputs.out}}/file`,
  });
  const jobs: Record<string, PipelineNode> = {};
  for (let index = 0; index < chains * length; index++) {
    const before = index < chains ? undefined : `\${{parent.jobs.${stepName(index - chains)}.outputs.out}}`;
    jobs[stepName(index)] = {
      type: 'command',
      componentId: before ? next : first,
      ...(before ? { inputs: { before: { job_input_type: 'literal', value: before } } } : {}),
    };
  }
  return jobs;
}

/** Settles when so many steps have begun. */
function marked(marks: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(marks, look);
    function look(): void {
      if (readdirSync(marks).length < count) return;
      watcher.close();
      resolve();
    }
    look();
  });
}

async function endOf(plane: PlaneProcess): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience);
  });
  const end = await Promise.race([jobWhen(plane.client, 'faulty').then((job) => job.properties.status), late]);
  clearTimeout(timer);
  return end;
}

async function unended(client: PlaneClient): Promise<string[]> {
  const jobs = await Array.fromAsync(allPages((next) => client.listJobs({ parent: 'faulty', top: 1000 }, next)));
  return jobs.filter(({ properties }) => !isTerminal(properties.status!)).map(({ name, properties }) => `${name}: ${properties.status}`);
}
