import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { metricsTable, pointsOfTable } from '../../../src/exchange/folder/metricsTable.ts';
import type { MetricPoint } from '../../../src/protocol/mlflow.ts';

const whole = fc.oneof(fc.integer(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, -1));
const value = fc.oneof(fc.double(), fc.constantFrom('NaN', 'Infinity', '-Infinity', 0, -0, 5e-324));
const pointsOf = (key: string) => fc.array(fc.record({ key: fc.constant(key), step: whole, timestamp: whole, value }), { maxLength: 20 });

describe('a table of metrics', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function bytesOf(series: readonly MetricPoint[][]): Promise<Buffer> {
    async function* all() {
      yield* series;
    }
    return Buffer.concat(await Array.fromAsync(metricsTable(all())));
  }
  const text = ({ key, step, timestamp, value }: MetricPoint) =>
    `${key} ${step} ${timestamp} ${Object.is(Number(value), -0) ? '-0' : Number(value)}`;

  it('has every point, and the same bytes in whatever order they came', async () => {
    await fc.assert(
      fc.asyncProperty(pointsOf('loss'), pointsOf('ü/"'), async (a, b) => {
        const bytes = await bytesOf([a, b]);
        assert.equal(bytes.length === 0, a.length + b.length === 0);
        if (bytes.length === 0) return;
        const file = path.join(folder, 'm.parquet');
        writeFileSync(file, bytes);
        const read: string[] = [];
        for await (const { points } of pointsOfTable(file)) read.push(...points.map(text));
        assert.deepEqual(read.sort(), [...a, ...b].map(text).sort());
        const turned = [...a].sort((x, y) => text(x).localeCompare(text(y)));
        assert.deepEqual(await bytesOf([turned, b]), bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('is written and read in parts', async () => {
    const many = Array.from({ length: 250_000 }, (_, step) => ({ key: 'loss', step, timestamp: step, value: 1 / (step + 1) }));
    const file = path.join(folder, 'many.parquet');
    writeFileSync(file, await bytesOf([many]));
    const sizes: number[] = [];
    for await (const { points } of pointsOfTable(file)) sizes.push(points.length);
    assert.deepEqual(sizes, [100_000, 100_000, 50_000]);
  });

  it('is refused in plain words where it is torn, or something else', async () => {
    const points = Array.from({ length: 1000 }, (_, step) => ({ key: 'loss', step, timestamp: step, value: step }));
    const file = path.join(folder, 'torn.parquet');
    const whole = await bytesOf([points]);
    for (const size of [0, 4, 100, whole.length - 1]) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      await assert.rejects(Array.fromAsync(pointsOfTable(file)), { code: 'InvalidValue', message: /is no table of metrics/ });
    }
    // Any byte of it may be wrong: then it is refused, or says something else; it never does harm.
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(whole);
        changed[at] = changed[at]! ^ by;
        writeFileSync(file, changed);
        await Array.fromAsync(pointsOfTable(file)).catch((error) => assert.equal(error.code, 'InvalidValue', String(error.stack)));
      }),
      { numRuns: 200 },
    );
  });
});
