import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultModelFile } from '../scripts/defaultModelFile.ts';
import { pythonClient } from '../scripts/pythonClients.ts';
import { runCommand } from '../scripts/runCommand.ts';
import { sha256OfFile } from '../src/files/hash.ts';
import { matricesOf, plainConfig, writeAdapter } from '../test/unit/finetuning/adapterFiles.ts';
import { type Benchmark, figure, inTurn, timed } from './figure.ts';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'dist/finetuning/pipeline/code/steps.mjs');
const peer = path.join(root, '../shared/lm-spike/lora_to_gguf.py');
const rounds = 5;

/** All matrices of SmolLM2-135M: inputs and outputs of each, and its heads for the peer. */
const [layers, rank] = [30, 8];
const matrices: [module: string, inputs: number, outputs: number][] = [
  ['self_attn.q_proj', 576, 576],
  ['self_attn.k_proj', 576, 192],
  ['self_attn.v_proj', 576, 192],
  ['self_attn.o_proj', 576, 576],
  ['mlp.gate_proj', 576, 1536],
  ['mlp.up_proj', 576, 1536],
  ['mlp.down_proj', 1536, 576],
];
const heads = { model_type: 'llama', num_attention_heads: 9, num_key_value_heads: 3 };

export const benchmark: Benchmark = {
  name: 'finetuning',
  what: 'an adapter of 2.44 million weights of PEFT as GGUF, and merged into its model of 135 million; each a process of its own',
  async run() {
    const base = await defaultModelFile();
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
    try {
      const modules = Array.from({ length: layers }, (_, layer) =>
        matrices.map(([module, inputs, outputs], at) => matricesOf(`${layer}.${module}`, rank, inputs, outputs, layer * 7 + at)),
      );
      const adapter = writeAdapter(
        path.join(folder, 'adapter'),
        { ...plainConfig, r: rank, target_modules: 'all-linear' },
        Object.assign({}, ...modules.flat()),
      );
      const [ours, theirs] = [path.join(folder, 'ours.gguf'), path.join(folder, 'theirs.gguf')];
      const files = ['--base', base, '--adapter', adapter, '--out'];
      const convert = () => runCommand(process.execPath, [program, 'convert', ...files, ours]);
      const merge = () => runCommand(process.execPath, [program, 'merge', ...files, path.join(folder, 'merged.gguf')]);
      const figures = [];
      if (existsSync(peer)) {
        const python = await pythonClient('numpy', ['numpy>=2,<3']);
        mkdirSync(path.join(folder, 'base'));
        writeFileSync(path.join(folder, 'base/config.json'), JSON.stringify(heads));
        const { a, b } = await inTurn(rounds, convert, () =>
          runCommand(python, ['-B', peer, path.join(folder, 'base'), adapter, theirs, '--f16']),
        );
        const isEqual = (await sha256OfFile(ours)) === (await sha256OfFile(theirs));
        figures.push(
          figure('PEFT -> GGUF, f16', a, 'ms', { atMost: 1000 }),
          figure('the same by the converter in Python with numpy', b, 'ms'),
          figure('bytes equal to its own (1: yes)', [Number(isEqual)], '', { atLeast: 1 }),
        );
      } else {
        await convert();
        const samples: number[] = [];
        for (let round = 0; round < rounds; round++) samples.push(await timed(convert));
        figures.push(figure('PEFT -> GGUF, f16', samples, 'ms', { atMost: 1000 }));
      }
      return [...figures, figure('merged into 8 bits', [await timed(merge), await timed(merge)], 'ms')];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
