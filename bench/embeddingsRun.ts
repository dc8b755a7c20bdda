/** `node bench/embeddingsRun.ts ENGINE MODEL THREADS`: runs of a model as our worker makes them. Reads {"rows", "tokens", "times"} as lines of JSON, answers each with {"ms": [each run]}. */
import { createInterface } from 'node:readline';
import { openOnnx } from '../src/inference/worker/onnxRuntime.ts';

const [engine, file, threads] = process.argv.slice(2) as [string, string, string];
const { session, tensor } = await openOnnx(engine, file, Number(threads));
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const { rows, tokens, times } = JSON.parse(line) as { rows: number; tokens: number; times: number };
  const filled = (of: (at: number) => number) =>
    tensor(
      'int64',
      BigInt64Array.from({ length: rows * tokens }, (_, at) => BigInt(of(at))),
      [rows, tokens],
    );
  const inputs = { input_ids: filled((at) => 1000 + (at % 20000)), attention_mask: filled(() => 1), token_type_ids: filled(() => 0) };
  const ms: number[] = [];
  for (let at = 0; at < times; at++) {
    const started = performance.now();
    await session.run(inputs, ['last_hidden_state']);
    ms.push(performance.now() - started);
  }
  console.log(JSON.stringify({ ms }));
}
