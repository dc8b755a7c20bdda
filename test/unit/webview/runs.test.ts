import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../src/base/userError.ts';
import type { RunTable, RunTableRequest } from '../../../src/protocol/runTable.ts';
import { digitsOf, metricText } from '../../../webview/runs/table/cellText.ts';
import { columnsWithin, layoutOf, moved } from '../../../webview/runs/table/columns.ts';
import { completions, faultyPlace, filterContext } from '../../../webview/runs/table/filterContext.ts';
import { RunRows } from '../../../webview/runs/table/runRows.ts';
import { curvePath } from '../../../webview/shared/chart/curvePath.ts';
import { csvLine } from '../../../webview/shared/csv.ts';
import { plainText } from '../../../webview/shared/ui/plainText.ts';

const keys = { metrics: ['acc', 'val/acc', 'val loss'], params: ['lr'], tags: ['team'] };
const offered = (text: string, values: { value: string; runs: number }[] = []) =>
  completions(filterContext(text), keys, values).map(({ label }) => label);

describe('the completion of a filter', () => {
  it('knows what may come where', () => {
    assert.equal(filterContext('').expects, 'field');
    assert.equal(filterContext('metrics.acc ').expects, 'operator');
    assert.equal(filterContext('metrics.acc > ').expects, 'value');
    assert.equal(filterContext('metrics.acc > 0.5 ').expects, 'and');
    assert.equal(filterContext('metrics.acc > 0.5 and ').expects, 'field');
    assert.equal(filterContext("params.lr = 'a b' OR ").expects, 'field');
    assert.equal(filterContext('params.lr IS NOT NULL ').expects, 'and');
    assert.deepEqual(filterContext('(metrics.acc > 1 or par'), { expects: 'field', from: 20, typed: 'par' });
    assert.deepEqual(filterContext("params.lr = '0."), { expects: 'value', field: { of: 'param', key: 'lr' }, from: 12, typed: "'0." });
  });

  it('offers the likeliest first, in quotes where they are needed', () => {
    assert.deepEqual(offered('acc').slice(0, 2), ['metrics.acc', 'metrics.val/acc']);
    assert.deepEqual(offered('metrics.`val'), ['metrics.val/acc', 'metrics.`val loss`']);
    assert.deepEqual(offered('params.lr '), ['=', '!=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL']);
    assert.deepEqual(offered('attributes.status = F'), ['FINISHED', 'FAILED']);
    assert.equal(completions(filterContext('params.lr = '), keys, [{ value: "it's", runs: 2 }])[0]!.text, '"it\'s" ');
  });

  it('is quick among 12,000 keys', () => {
    const many = { ...keys, metrics: Array.from({ length: 12_000 }, (_, index) => `layer_${index}/norm`) };
    assert.equal(completions(filterContext('11999'), many)[0]!.label, 'metrics.layer_11999/norm');
  });

  it('finds what the server speaks of', () => {
    const place = (filter: string, message: string) => {
      const found = faultyPlace(filter, message);
      return found && filter.slice(found.start, found.end);
    };
    assert.equal(place('metrics.acc  >  and x', "Invalid clause(s) in filter string: 'metrics.acc > and x'"), 'metrics.acc  >  and x');
    assert.equal(place('metrics.acc > high', 'Expected numeric value type for metric. Found high'), 'high');
    assert.equal(place('color.x = 1', "Invalid entity type 'color'. Valid values are ['metric', 'tag']"), 'color');
    assert.equal(place('a = 1', 'Something else.'), undefined);
  });
});

describe('the columns of the table', () => {
  it('have their places, pinned ones first, and are found by pixels', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `metrics.m${index}`);
    const [short, fitting, long] = layoutOf(['metrics.f1', 'metrics.validation_accuracy', `params.${'p'.repeat(250)}`], [], {}).rest;
    assert.equal(short!.width, 104);
    assert.ok(fitting!.width > 'validation_accuracy'.length * 6 + 40, 'a name has room in its head');
    assert.equal(long!.width, 240);
    const layout = layoutOf(['attributes.run_name', ...names, 'nonsense', names[0]!], ['metrics.m500'], { 'metrics.m1': 9999 });
    assert.equal(layout.all.length, 1001);
    assert.equal(layout.pinned[0]!.name, 'metrics.m500');
    assert.equal(layout.rest[2]!.width, 1200);
    const shown = columnsWithin(layout.rest, 5000, 6000);
    assert.ok(shown.length < 15 && shown[0]!.left <= 5000 && shown.at(-1)!.left < 6000);
    assert.deepEqual(moved(['a', 'b', 'c'], 'a', 'c'), ['b', 'c', 'a']);
    assert.deepEqual(moved(['a', 'b', 'c'], 'c', 'a'), ['c', 'a', 'b']);
  });
});

describe('what a cell shows', () => {
  it('is a number with the digits of its column', () => {
    assert.equal(digitsOf([1, 0.5, 0.98765, null, 'NaN']), 4);
    assert.equal(metricText(0.5, 4), '0.5000');
    assert.equal(metricText(1e-9, 4), '1e-9');
    assert.equal(metricText('NaN', 4), 'NaN');
  });

  it('is a line of text that changes nothing around it', () => {
    assert.equal(plainText('a\u202eb\u0000c\nd'), 'a⟨U+202E⟩b␀c d');
    assert.equal(plainText('مرحبا'), 'مرحبا');
    assert.equal(plainText('x'.repeat(2000)).length, 1001);
  });

  it('is a curve with gaps', () => {
    const pathOf = (values: number[]) => curvePath(values, 92, 16);
    assert.equal(pathOf([]), '');
    assert.equal(pathOf([Number.NaN]), '');
    assert.equal(pathOf([1, 1]).match(/M/g)!.length, 1);
    assert.equal(pathOf([0, Number.NaN, 1, 2]).match(/M/g)!.length, 2);
    assert.ok(!pathOf([0, Number.POSITIVE_INFINITY, 5]).includes('NaN'));
  });

  it('is harmless in a spreadsheet', () => {
    assert.equal(csvLine(['=1+1', '-5', '+x', '-1e-3', 'a,"b"', null, 0.1, '\t=1']), `'=1+1,-5,'+x,-1e-3,"a,""b""",,0.1,"'\t=1"\r\n`);
  });
});

describe('the rows of the table', () => {
  const table = (total: number) => {
    const asked: RunTableRequest[] = [];
    const state = { total, fails: false };
    const rows = new RunRows(async (request) => {
      asked.push(request);
      if (state.fails) throw new UserError('PlaneUnreachable', 'away');
      const count = Math.max(0, Math.min(request.limit, state.total - request.offset));
      return {
        total: state.total,
        runs: Array.from({ length: count }, (_, index) => `run ${request.offset + index}`),
        columns: request.columns.map(() => Array.from({ length: count }, () => 1)),
      } satisfies RunTable;
    });
    const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
    return { rows, asked, state, settled };
  };

  it('are read where they are looked at, and kept', async () => {
    const { rows, asked, settled } = table(100_000);
    rows.ask({}, []);
    rows.show(0, 40, ['metrics.a']);
    await settled();
    assert.equal(rows.total, 100_000);
    assert.deepEqual(
      asked.map(({ offset, limit }) => [offset, limit]),
      [[0, 100]],
    );
    rows.show(50_000, 50_140, ['metrics.a']);
    await settled();
    rows.show(0, 40, ['metrics.a']);
    await settled();
    assert.deepEqual(
      asked.slice(1).map(({ offset, limit }) => [offset, limit]),
      [[50_000, 200]],
    );
    rows.show(0, 40, ['metrics.a', 'metrics.b']);
    await settled();
    assert.equal(asked.length, 3);
    assert.equal(rows.runAt(50_100), 'run 50100');
  });

  it('stay while another question is asked, and when the plane is away', async () => {
    const { rows, state, settled } = table(300);
    rows.ask({}, []);
    rows.show(0, 40, ['metrics.a']);
    await settled();
    state.fails = true;
    rows.ask({ filter: 'metrics.a > 1' }, []);
    await settled();
    assert.equal(rows.error?.message, 'away');
    assert.equal(rows.runAt(3), 'run 3');
    state.fails = false;
    state.total = 2;
    await rows.refresh();
    assert.deepEqual([rows.total, rows.error, rows.runAt(3), rows.isBehind], [2, undefined, undefined, false]);
  });

  it('are read alone when they log', async () => {
    const { rows, asked, settled } = table(300);
    rows.ask({ experiments: ['digits'] }, ['params.lr ASC']);
    rows.show(0, 40, ['metrics.a', 'params.lr']);
    await settled();
    await rows.refreshMetrics(new Set(['run 3', 'run 7', 'run 250']));
    assert.deepEqual(asked.at(-1), { ids: ['run 3', 'run 7'], columns: [{ of: 'metric', key: 'a' }], offset: 0, limit: 2 });
    // Where the order follows from what is logged, all are read.
    rows.ask({}, ['metrics.a DESC']);
    await settled();
    await rows.refreshMetrics(new Set(['run 3']));
    assert.equal(asked.at(-1)!.limit, 100);
  });

  it('are the same objects when nothing changed', async () => {
    const { rows, settled } = table(300);
    rows.ask({}, []);
    rows.show(0, 40, ['metrics.a']);
    await settled();
    const block = rows.block(0);
    await rows.refresh();
    assert.equal(rows.block(0), block);
  });
});
