import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withinBrushes } from '../../../webview/shared/analysis/brushes.ts';
import { dimensionOf, varies } from '../../../webview/shared/analysis/dimension.ts';
import { findImportance, leastRuns, spearman } from '../../../webview/shared/analysis/importance.ts';
import { scaleOf } from '../../../webview/shared/analysis/scale.ts';
import { seededRandom } from '../../../webview/shared/analysis/seededRandom.ts';
import { colorLevels, isBright, levelOf, sequentialColors } from '../../../webview/shared/analysis/sequential.ts';
import { hullOf, isInside, surfaceOf } from '../../../webview/shared/analysis/surface.ts';

const labelsOf = (cells: (string | number)[], count = 5) => scaleOf(dimensionOf('x', 'x', cells), count).ticks.map(({ label }) => label);

describe('a dimension of runs', () => {
  it('is of numbers where every value is one, in any spelling', () => {
    const { values, categories, min, max } = dimensionOf('lr', 'lr', ['0.1', '1e-1', ' 2 ', null, 'NaN', 'inf', 3]);
    assert.deepEqual([...values], [0.1, 0.1, 2, Number.NaN, Number.NaN, Number.NaN, 3]);
    assert.deepEqual([categories, min, max], [undefined, 0.1, 3]);
  });

  it('is of categories where one value is no number, ordered by the numbers in them', () => {
    const { values, categories } = dimensionOf('net', 'net', ['layer10', 'layer9', null, 'layer10', '7']);
    assert.deepEqual(categories, ['7', 'layer9', 'layer10']);
    assert.deepEqual([...values], [2, 1, Number.NaN, 2, 0]);
  });

  it('is logarithmic where values spread over decades, and where that is said', () => {
    assert.equal(dimensionOf('lr', 'lr', [0.001, 0.1]).isLog, true);
    assert.equal(dimensionOf('lr', 'lr', [0.001, 0.1], false).isLog, false);
    assert.equal(dimensionOf('lr', 'lr', [0, 0.001, 0.1]).isLog, false);
    const said = dimensionOf('lr', 'lr', [0, -1, 1, 2], true);
    assert.deepEqual([said.isLog, ...said.values], [true, Number.NaN, Number.NaN, 1, 2]);
  });

  it('differs or not', () => {
    assert.equal(varies(dimensionOf('a', 'a', [1, '1.0', null])), false);
    assert.equal(varies(dimensionOf('a', 'a', [])), false);
    assert.equal(varies(dimensionOf('a', 'a', ['x', 'y'])), true);
  });
});

describe('an axis', () => {
  it('has round ticks within its range', () => {
    assert.deepEqual(labelsOf([0, 0.5, 1]), ['0', '0.2', '0.4', '0.6', '0.8', '1']);
    assert.deepEqual(labelsOf([-3, 4], 4), ['-2', '0', '2', '4']);
    assert.deepEqual(labelsOf([1, 2, 3]), ['1', '2', '3'], 'no part of a layer');
    assert.deepEqual(labelsOf([0.001, 10]), ['0.001', '0.01', '0.1', '1', '10']);
    assert.deepEqual(labelsOf([1e-5, 1e-3], 5), ['1e-5', '1e-4', '0.001']);
  });

  it('puts a single value in the middle, and categories apart', () => {
    assert.equal(scaleOf(dimensionOf('x', 'x', [5, 5]), 5).at(5), 0.5);
    assert.equal(scaleOf(dimensionOf('x', 'x', [0]), 5).at(0), 0.5);
    const scale = scaleOf(dimensionOf('x', 'x', ['a', 'b']), 5);
    assert.deepEqual([scale.at(0), scale.at(1)], [0.25, 0.75]);
    assert.deepEqual(scale.ticks, [
      { at: 0.25, label: 'a' },
      { at: 0.75, label: 'b' },
    ]);
  });

  it('leads from a value to its place and back', () => {
    for (const cells of [
      [2, 8],
      [0.001, 1],
      ['a', 'b', 'c'],
      [3, 3],
    ]) {
      const scale = scaleOf(dimensionOf('x', 'x', cells), 5, 0.05);
      for (const share of [0, 0.3, 1]) assert.ok(Math.abs(scale.at(scale.valueAt(share)) - share) < 1e-9);
    }
  });

  it('has no place for what has no value', () => {
    assert.ok(Number.isNaN(scaleOf(dimensionOf('x', 'x', [1, 2, null]), 5).at(Number.NaN)));
  });
});

describe('ranges that are marked on axes', () => {
  it('leave out the runs beyond them, and those without a value', () => {
    const [lr, net] = [dimensionOf('lr', 'lr', [1, 2, 3, null]), dimensionOf('net', 'net', ['a', 'b', 'b', 'a'])];
    assert.deepEqual([...withinBrushes([lr, net], {})], [1, 1, 1, 1]);
    assert.deepEqual([...withinBrushes([lr, net], { lr: [1.5, 9] })], [0, 1, 1, 0]);
    assert.deepEqual([...withinBrushes([lr, net], { lr: [1, 2], net: [-0.5, 0.4] })], [1, 0, 0, 0]);
  });
});

describe('the importance of parameters', () => {
  const importanceOf = (...of: Parameters<typeof findImportance>) => {
    const finding = findImportance(...of);
    let step = finding.next();
    while (!step.done) step = finding.next();
    return step.value;
  };
  const random = seededRandom(7);
  const draws = (count: number) => Array.from({ length: count }, random);
  const [lr, momentum, noise] = [draws(80), draws(80), draws(80)];
  const kind = lr.map((_, index) => ['adam', 'sgd', 'rmsprop'][index % 3]!);

  it('finds the parameter that matters, and which way', () => {
    const objective = dimensionOf(
      'loss',
      'loss',
      lr.map((x, index) => 3 * x + 0.3 * momentum[index]!),
      false,
    );
    const { rows, explained, runs, used } = importanceOf(
      [dimensionOf('noise', 'noise', noise), dimensionOf('momentum', 'momentum', momentum), dimensionOf('lr', 'lr', lr)],
      objective,
    )!;
    assert.equal(rows[0]!.key, 'lr');
    assert.ok(rows[0]!.share! > 0.8 && rows[0]!.correlation! > 0.9, JSON.stringify(rows));
    assert.ok(explained > 0.7, String(explained));
    assert.ok(Math.abs(rows.reduce((sum, { share }) => sum + share!, 0) - 1) < 1e-9);
    assert.deepEqual([runs, used], [80, 80]);
  });

  it('sees what is not monotonous, which a correlation does not', () => {
    const objective = dimensionOf(
      'loss',
      'loss',
      lr.map((x) => (x - 0.5) ** 2),
      false,
    );
    const { rows } = importanceOf([dimensionOf('noise', 'noise', noise), dimensionOf('lr', 'lr', lr)], objective)!;
    assert.ok(rows[0]!.key === 'lr' && rows[0]!.share! > 0.8 && Math.abs(rows[0]!.correlation!) < 0.3, JSON.stringify(rows));
  });

  it('sees which category matters', () => {
    const objective = dimensionOf(
      'loss',
      'loss',
      kind.map((each, index) => (each === 'sgd' ? 1 : 0) + noise[index]! / 10),
      false,
    );
    const { rows } = importanceOf([dimensionOf('lr', 'lr', lr), dimensionOf('kind', 'kind', kind)], objective)!;
    assert.ok(rows[0]!.key === 'kind' && rows[0]!.share! > 0.9 && rows[0]!.correlation === undefined, JSON.stringify(rows));
  });

  it('gives no share where nothing explains the objective', () => {
    const { rows, explained } = importanceOf([dimensionOf('lr', 'lr', lr.slice(0, 20))], dimensionOf('loss', 'loss', noise.slice(0, 20)))!;
    assert.ok(explained <= 0 && rows[0]!.share === undefined, JSON.stringify({ rows, explained }));
  });

  it('is the same for the same runs, and absent for too few of them', () => {
    const objective = dimensionOf(
      'loss',
      'loss',
      lr.map((x) => x),
      false,
    );
    const once = importanceOf([dimensionOf('noise', 'noise', noise), dimensionOf('lr', 'lr', lr)], objective);
    assert.deepEqual(importanceOf([dimensionOf('noise', 'noise', noise), dimensionOf('lr', 'lr', lr)], objective), once);
    const few = leastRuns - 1;
    assert.equal(importanceOf([dimensionOf('lr', 'lr', lr.slice(0, few))], dimensionOf('loss', 'loss', lr.slice(0, few))), undefined);
    assert.equal(
      importanceOf(
        [dimensionOf('lr', 'lr', lr)],
        dimensionOf(
          'loss',
          'loss',
          lr.map(() => 1),
        ),
      ),
      undefined,
    );
  });

  it('ranks equal values alike', () => {
    assert.equal(spearman(Float64Array.of(1, 2, 3), Float64Array.of(10, 20, 90)), 1);
    assert.equal(spearman(Float64Array.of(1, 2, 3), Float64Array.of(3, 2, 1)), -1);
    assert.equal(spearman(Float64Array.of(1, 1, 1), Float64Array.of(3, 2, 1)), 0);
    assert.ok(Math.abs(spearman(Float64Array.of(1, 1, 2, 2), Float64Array.of(5, 5, 9, 9)) - 1) < 1e-12);
  });
});

describe('a surface between runs', () => {
  const corners = [
    { x: 0.1, y: 0.1, value: 0 },
    { x: 0.9, y: 0.1, value: 1 },
    { x: 0.9, y: 0.9, value: 1 },
    { x: 0.1, y: 0.9, value: 0 },
    { x: 0.5, y: 0.5, value: 0.5 },
  ];

  it('ends at the hull of the runs', () => {
    const hull = hullOf(corners);
    assert.equal(hull.length, 4);
    assert.equal(isInside(hull, { x: 0.5, y: 0.2 }), true);
    assert.equal(isInside(hull, { x: 0.05, y: 0.5 }), false);
    const cells = surfaceOf(corners, 10);
    assert.ok(Number.isNaN(cells[0]!) && !Number.isNaN(cells[55]!));
  });

  it('keeps between the values around, near those that are near', () => {
    const cells = surfaceOf(corners, 10);
    const [left, right] = [cells[51]!, cells[58]!];
    assert.ok(left < 0.5 && right > 0.5, `${left} ${right}`);
    assert.ok([...cells].every((value) => Number.isNaN(value) || (value >= 0 && value <= 1)));
  });

  it('is nothing where runs lie on one line', () => {
    const line = [0.1, 0.5, 0.9].map((x) => ({ x, y: x, value: x }));
    assert.ok(surfaceOf(line, 10).every(Number.isNaN));
    assert.ok(surfaceOf([], 10).every(Number.isNaN));
  });
});

describe('colours of values', () => {
  it('are as many as there are levels, and keep off the background', () => {
    const [dark, light] = [sequentialColors(true), sequentialColors(false)];
    assert.deepEqual([dark.length, light.length], [colorLevels, colorLevels]);
    assert.equal(isBright(dark[0]!), false);
    assert.deepEqual([dark.at(-1), light[0]], ['#fde725', '#440154']);
    assert.deepEqual([levelOf(0), levelOf(1), levelOf(-5), levelOf(5)], [0, colorLevels - 1, 0, colorLevels - 1]);
  });

  it('follow the brightness of the text', () => {
    assert.deepEqual(['#ccc', '#cccccc', 'rgba(255,255,255,0.7)', '#616161', 'rgb(0, 0, 0)'].map(isBright), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
