/** `npm run bench [-- NAME…]`: measures ours and the peer side by side in one run and prints min, median and max. Never a test: nothing fails here. */
import { globSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { runCommand } from '../scripts/runCommand.ts';
import type { Benchmark, Figure } from './figure.ts';

const here = import.meta.dirname;
const wanted = process.argv.slice(2);
const benchmarks: Benchmark[] = [];
for (const file of globSync('*.bench.ts', { cwd: here }).sort()) {
  const { benchmark } = (await import(path.join(here, file))) as { benchmark: Benchmark };
  if (wanted.length === 0 || wanted.includes(benchmark.name)) benchmarks.push(benchmark);
}
if (benchmarks.length === 0) {
  console.error(`No benchmark is named ${wanted.join(', ')}.`);
  process.exit(2);
}

// What is measured is what is shipped, as the sources are now.
await runCommand(process.execPath, [path.join(here, '../scripts/build.ts')]);
console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`);
for (const benchmark of benchmarks) {
  console.log(`\n${benchmark.name}: ${benchmark.what}`);
  try {
    for (const line of await benchmark.run()) console.log(format(line));
  } catch (error) {
    console.log(`  could not be measured: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

function format({ what, spread, unit, goal, met }: Figure): string {
  const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));
  const verdict = goal ? `   goal ${goal}${unit === 'x' ? 'x' : ` ${unit}`}: ${met ? 'met' : 'NOT met'}` : '';
  return `  ${what.padEnd(58)} ${digits(spread.min)} / ${digits(spread.median)} / ${digits(spread.max)} ${unit}${verdict}`;
}
