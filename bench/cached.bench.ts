import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../scripts/runCommand.ts';
import { startPlaneProcess } from '../test/contract/planeProcess.ts';
import { type Benchmark, figure, inTurn } from './figure.ts';
import { findMake } from './make.ts';
import { runPipeline, stepCommand, stepNodes } from './stepsPipeline.ts';

const steps = 1000;

export const benchmark: Benchmark = {
  name: 'cached',
  what: `a pipeline of ${steps} steps again, nothing changed`,
  async run() {
    const make = await findMake();
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const plane = await startPlaneProcess(path.join(folder, 'home'));
    try {
      mkdirSync(path.join(folder, 'out'));
      const targets = Array.from({ length: steps }, (_each, step) => `out/${step}.txt`);
      const rules = targets.map((target, step) => `${target}: in.txt\n\t@${stepCommand(step)} > $@\n`);
      writeFileSync(path.join(folder, 'in.txt'), '');
      writeFileSync(path.join(folder, 'Makefile'), `all: ${targets.join(' ')}\n${rules.join('')}`);
      await runCommand(make, ['-s'], { cwd: folder });

      const nodes = await stepNodes(plane.client, steps);
      await runPipeline(plane.client, 'first', nodes, false);
      let round = 0;
      const { a, b, ratio } = await inTurn(
        5,
        () => runPipeline(plane.client, `again_${round++}`, nodes, false),
        () => runCommand(make, ['-s'], { cwd: folder }),
      );
      return [
        figure('Updraft: all steps reused', a, 'ms'),
        figure('make: nothing to be done', b, 'ms'),
        figure('Updraft / make', ratio, 'x', { atMost: 5 }),
      ];
    } finally {
      await plane.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
