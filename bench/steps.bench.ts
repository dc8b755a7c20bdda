import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { snakemake } from '../scripts/pythonClients.ts';
import { runCommand } from '../scripts/runCommand.ts';
import { startPlaneProcess } from '../test/contract/planeProcess.ts';
import { type Benchmark, figure, timed } from './figure.ts';
import { runPipeline, stepCommand, stepNodes } from './stepsPipeline.ts';

const steps = 200;
const rounds = 3;
const parallel = cpus().length;

/** The least that running a step can cost: a shell whose output goes to files, as many at a time as there are cores. */
async function bareSpawn(folder: string): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (next < steps) {
        const step = next++;
        const at = path.join(folder, `bare-${step}`);
        mkdirSync(at, { recursive: true });
        const [out, err] = ['stdout.log', 'stderr.log'].map((name) => openSync(path.join(at, name), 'w'));
        const child = spawn('bash', ['-c', stepCommand(step)], { cwd: at, stdio: ['ignore', out!, err!] });
        await once(child, 'exit');
        closeSync(out!);
        closeSync(err!);
      }
    }),
  );
}

async function withSnakemake(python: string, folder: string, round: number): Promise<void> {
  const at = path.join(folder, `snakemake-${round}`);
  mkdirSync(at);
  const rules = Array.from(
    { length: steps },
    (_each, step) => `rule s${step}:\n    output: "out/${step}.txt"\n    shell: "${stepCommand(step)} > {output}"\n`,
  );
  writeFileSync(path.join(at, 'Snakefile'), `rule all:\n    input: expand("out/{n}.txt", n=range(${steps}))\n${rules.join('')}`);
  await runCommand(python, ['-m', 'snakemake', '--cores', String(parallel), '--quiet', 'all'], { cwd: at });
}

export const benchmark: Benchmark = {
  name: 'steps',
  what: `a pipeline of ${steps} shell steps, ${parallel} at a time`,
  async run() {
    const python = await snakemake();
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const plane = await startPlaneProcess(path.join(folder, 'home'));
    try {
      const nodes = await stepNodes(plane.client, steps);
      const [ours, bare, peer]: number[][] = [[], [], []];
      for (let round = -1; round < rounds; round++) {
        const a = await timed(() => runPipeline(plane.client, `steps_${round + 1}`, nodes, true));
        const b = await timed(() => bareSpawn(folder));
        const c = round < 0 ? 0 : await timed(() => withSnakemake(python, folder, round));
        if (round < 0) continue;
        ours!.push(a / steps);
        bare!.push(b / steps);
        peer!.push(c / steps);
      }
      return [
        figure('per step, Updraft', ours!, 'ms'),
        figure('per step, bare spawn with log files', bare!, 'ms'),
        figure('per step, snakemake', peer!, 'ms'),
        figure(
          'Updraft / bare spawn',
          ours!.map((ms, round) => ms / bare![round]!),
          'x',
          { atMost: 2 },
        ),
        figure(
          'overhead over bare spawn: snakemake / Updraft',
          ours!.map((ms, round) => (peer![round]! - bare![round]!) / (ms - bare![round]!)),
          'x',
          { atLeast: 10 },
        ),
      ];
    } finally {
      await plane.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
