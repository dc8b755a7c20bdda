import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultModelFile } from '../scripts/defaultModelFile.ts';
import { leanTorch } from '../scripts/leanTorch.ts';
import { pythonClient } from '../scripts/pythonClients.ts';
import { runCommand } from '../scripts/runCommand.ts';
import { startPlane } from '../test/contract/plane.ts';
import { type Benchmark, figure } from './figure.ts';

const root = path.resolve(import.meta.dirname, '..');
const code = path.join(root, 'dist/finetuning/pipeline/code');
const rounds = 3;
/** Steps that are left out: the first ones compile and fill caches. */
const warmUp = 4;

export const benchmark: Benchmark = {
  name: 'finetuning-step',
  what: 'a step of training (SmolLM2-135M, 8 examples at a time), logged to a control plane, beside a bare loop of torch and peft',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    const at = (name: string) => path.join(folder, name);
    const variables = await leanTorch();
    const requirements = [...readFileSync(path.join(code, 'conda.yml'), 'utf8').matchAll(/^ {6}- (.+)$/gm)].map((match) => match[1]!);
    const python = await pythonClient('finetuning', requirements, console.error, variables);
    const plane = await startPlane({ withRunner: false });
    try {
      await runCommand(process.execPath, [path.join(code, 'steps.mjs'), 'import', '--base', await defaultModelFile(), '--out', at('base')]);
      const environment = { ...process.env, ...variables, HF_HUB_OFFLINE: '1', FINETUNING_CHECKPOINTS: at('checkpoints') };
      const data = ['--training', path.join(root, 'examples/finetune/data'), '--max-length', '512', '--out', at('data')];
      await runCommand(python, [path.join(code, 'prepare.py'), '--base', at('base'), ...data], { env: environment });
      const medianStep = async (words: string[], env: NodeJS.ProcessEnv) => {
        const text = await runCommand(python, words, { env });
        const seconds = [...text.matchAll(/step_seconds=(\S+)/g)].slice(warmUp).map((match) => Number(match[1]));
        return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]! * 1000;
      };
      const figures = [];
      for (const precision of ['fp32', 'bf16']) {
        const [ours, bare]: [number[], number[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          bare.push(
            await medianStep(
              [path.join(root, 'bench/finetuning/bare_loop.py'), code, at('base'), at('data'), '1', '8', precision],
              environment,
            ),
          );
          const run = (await plane.client.http.json('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })) as {
            run: { info: { run_id: string } };
          };
          const words = [path.join(code, 'train.py'), '--base', at('base'), '--data', at('data'), '--out', at(`${precision}-${round}`)];
          ours.push(
            await medianStep([...words, '--precision', precision], {
              ...environment,
              MLFLOW_TRACKING_URI: plane.url,
              MLFLOW_TRACKING_TOKEN: plane.token ?? '',
              MLFLOW_RUN_ID: run.run.info.run_id,
            }),
          );
          console.error(
            `  ${precision}, round ${round + 1} of ${rounds}: a step takes ${Math.round(ours.at(-1)!)} ms, in a bare loop ${Math.round(bare.at(-1)!)} ms`,
          );
        }
        figures.push(
          figure(`a step, ${precision}`, ours, 'ms'),
          figure(`the same in a bare loop of torch and peft, ${precision}`, bare, 'ms'),
          figure(
            `ratio, ${precision}`,
            ours.map((each, round) => each / bare[round]!),
            'x',
            { atMost: 1.05 },
          ),
        );
      }
      return figures;
    } finally {
      await plane.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
};
