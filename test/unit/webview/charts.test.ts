import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { bandOf } from '../../../webview/shared/chart/band.ts';
import { chartSections, inNaturalOrder, metricSearch, moveText } from '../../../webview/shared/chart/chartSections.ts';
import { bestOf, curveOf, extremes } from '../../../webview/shared/chart/line.ts';
import { thinned, withDetail, withNews } from '../../../webview/shared/chart/mergeSeries.ts';
import { commonFormat, exactNumber, formatNumber, formatTicks } from '../../../webview/shared/chart/numbers.ts';
import { colorOfRun, looksOfRuns, onDark, onLight } from '../../../webview/shared/chart/palette.ts';
import { rasterLines } from '../../../webview/shared/chart/rasterLines.ts';
import { type Scale, toPixel, toValue, zoomed } from '../../../webview/shared/chart/scale.ts';
import { seriesCsv } from '../../../webview/shared/chart/seriesCsv.ts';
import { distinctNames, middleShortened } from '../../../webview/shared/chart/shortNames.ts';
import { smooth } from '../../../webview/shared/chart/smoothing.ts';
import { durationTicks, numberTicks, timeTicks } from '../../../webview/shared/chart/ticks.ts';

const series = (values: number[], steps = values.map((_, index) => index), times = values.map((_, index) => 1000 * index)): SeriesPart => ({
  job: 'run',
  key: 'm',
  total: values.length,
  steps: Float64Array.from(steps),
  values: Float64Array.from(values),
  times: Float64Array.from(times),
});
const plain = { axis: 'step', weight: 0, smoothing: 'points' } as const;
const scale = (min: number, max: number, size = 300, isLog = false): Scale => ({ min, max, start: 0, size, isLog, isDown: false });
const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label);

describe('what a chart draws', () => {
  it('smooths without the bias of the start, and keeps gaps', () => {
    assert.deepEqual(
      [...smooth(Float64Array.of(3, 3, Number.NaN, Number.POSITIVE_INFINITY, 3), 0.9)].map((value) => Math.round(value * 1e9) / 1e9),
      [3, 3, Number.NaN, Number.NaN, 3],
    );
    assert.equal(smooth(Float64Array.of(0, 1), 0.5)[1], 2 / 3);
    assert.deepEqual([...smooth(Float64Array.of(1, 5), 0)], [1, 5]);
  });

  it('smooths by distance: far points weigh as if there were many between', () => {
    const values = Float64Array.of(0, 1, 1);
    const [, near] = smooth(values, 0.99, Float64Array.of(0, 1, 1000));
    const [, far] = smooth(values, 0.99, Float64Array.of(0, 999, 1000));
    assert.ok(near! < 0.6 && far! > 0.99);
  });

  it('has steps, wall time, time since the start and another metric as its axis', () => {
    const points = series([1, 2], [5, 6], [61_000, 62_000]);
    assert.deepEqual([...curveOf(points, plain, 0).x], [5, 6]);
    assert.deepEqual([...curveOf(points, { ...plain, axis: 'time' }, 0).x], [61, 62]);
    assert.deepEqual([...curveOf(points, { ...plain, axis: 'relative' }, 60_000).x], [1, 2]);
    const along = series([30, 10, 20], [0, 5, 6]);
    const curve = curveOf(series([1, 2, 3], [0, 5, 6]), { ...plain, axis: 'metric' }, 0, along);
    assert.deepEqual(
      [[...curve.x], [...curve.y], [...curve.order!]],
      [
        [10, 20, 30],
        [2, 3, 1],
        [1, 2, 0],
      ],
    );
  });

  it('draws points without steps in the order of time', () => {
    const { x, y } = curveOf(series([3, 1, 2], [0, 0, 0], [30, 10, 20]), plain, 0);
    assert.deepEqual(
      [[...x], [...y]],
      [
        [0, 1, 2],
        [1, 2, 3],
      ],
    );
  });

  it('marks what is not a number or not finite', () => {
    const { oddities } = curveOf(series([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]), plain, 0);
    assert.deepEqual(oddities, [
      { x: 1, kind: 'nan' },
      { x: 2, kind: 'above' },
      { x: 3, kind: 'below' },
    ]);
  });

  it('finds the latest, least, greatest and best value', () => {
    assert.deepEqual(extremes(series([2, Number.NaN, -1, Number.POSITIVE_INFINITY])), {
      last: Number.POSITIVE_INFINITY,
      min: -1,
      max: Number.POSITIVE_INFINITY,
      nans: 1,
    });
    assert.deepEqual(extremes(series([Number.NaN])), { last: Number.NaN, min: undefined, max: undefined, nans: 1 });
    assert.equal(bestOf(series([2, Number.NEGATIVE_INFINITY, 1, 1, 5]), 'min'), 2);
    assert.equal(bestOf(series([Number.NaN]), 'max'), -1);
  });

  it('takes the mean of runs where they are, and their range', () => {
    const band = bandOf([curveOf(series([0, 10], [0, 10]), plain, 0), curveOf(series([4, 4], [5, 10]), plain, 0)], 3);
    assert.deepEqual(
      [[...band.x], [...band.mean], [...band.min], [...band.max]],
      [
        [0, 5, 10],
        [0, 4.5, 7],
        [0, 4, 4],
        [0, 5, 10],
      ],
    );
  });

  it('paints many lines as pixels, with their gaps', () => {
    const [width, height] = [40, 20];
    const pixels = new Uint8ClampedArray(4 * width * height);
    const x = Float64Array.of(0, 10, 20, 30, 40);
    const y = Float64Array.of(10, 10, Number.NaN, 10, 0);
    rasterLines(
      pixels,
      width,
      height,
      [{ x, y, from: 0, to: 4, rgb: [255, 0, 0] }],
      scale(0, 40, 40),
      { ...scale(0, 20, 20), isDown: true },
      1,
    );
    const painted = (column: number) =>
      Array.from({ length: height }, (_, row) => pixels[4 * (row * width + column) + 3]! > 0).lastIndexOf(true);
    assert.deepEqual([painted(5), painted(15), painted(32) >= 11, painted(39) >= 18], [10, -1, true, true]);
  });
});

describe('series that a chart keeps', () => {
  it('take in what is new, and tell when something is missing', () => {
    const known = series([1, 2, 3]);
    const news = { ...series([3, 4], [2, 3], [2000, 3000]), total: 4 };
    const merged = withNews(known, news, 2000);
    assert.deepEqual([[...merged.series.values], merged.series.total, merged.missing], [[1, 2, 3, 4], 4, false]);
    assert.equal(withNews(known, { ...news, total: 9 }, 2000).missing, true);
    const late = { ...series([1.5], [1], [5000]), total: 4 };
    assert.deepEqual([...withNews(known, late, 2000).series.steps], [0, 1, 1]);
  });

  it('are thinned so that their spikes stay', () => {
    const values = Array.from({ length: 10_000 }, (_, at) =>
      at === 1234 ? 99 : at === 7000 ? Number.POSITIVE_INFINITY : Math.sin(at / 500),
    );
    const thin = thinned(series(values), 400);
    assert.ok(thin.steps.length <= 500 && thin.values.includes(99) && thin.values.includes(Number.POSITIVE_INFINITY));
    assert.deepEqual([thin.steps[0], thin.steps.at(-1), thin.total], [0, 9999, 10_000]);
    assert.equal(thinned(thin, 1000), thin);
  });

  it('have the detail of a window in them, and what came since', () => {
    const whole = series([0, 5, 9], [0, 5, 9]);
    const detail = series([4, 5, 6], [4, 5, 6]);
    assert.deepEqual([...withDetail(whole, detail, { axis: 'step', from: 4, to: 20 }).steps], [0, 4, 5, 6, 9]);
    assert.equal(withDetail(whole, undefined, { axis: 'step', from: 4, to: 6 }), whole);
  });

  it('are written with all digits, and no program takes a name for a formula', () => {
    const text = seriesCsv([series([0.1 + 0.2, Number.NaN, Number.NEGATIVE_INFINITY])], () => '=1+1, "x"');
    assert.deepEqual(text.split('\n').slice(1, 4), [
      'run,"\'=1+1, ""x""",m,0,1970-01-01T00:00:00.000Z,0.30000000000000004',
      'run,"\'=1+1, ""x""",m,1,1970-01-01T00:00:01.000Z,NaN',
      'run,"\'=1+1, ""x""",m,2,1970-01-01T00:00:02.000Z,-Infinity',
    ]);
  });
});

describe('the axes of a chart', () => {
  it('have several marks for any range', () => {
    assert.deepEqual(labels(numberTicks(scale(0, 100_000), 60, true)), ['0', '20000', '40000', '60000', '80000', '100000']);
    assert.deepEqual(labels(numberTicks(scale(0, 1), 60, true)), ['0', '1']);
    assert.deepEqual(labels(numberTicks(scale(0.0002, 0.0011, 200), 32)), ['0.0002', '0.0004', '0.0006', '0.0008', '0.0010']);
    for (let power = -12; power < 15; power++)
      for (const digit of [1, 3, 7]) assert.ok(numberTicks(scale(0, digit * 10 ** power, 160), 32).length >= 2, `${digit}e${power}`);
  });

  it('have marks on a logarithmic scale, few or many powers long', () => {
    assert.deepEqual(labels(numberTicks(scale(0.001, 1000, 160, true), 32)), ['0.01', '1', '100']);
    assert.deepEqual(labels(numberTicks(scale(1e-9, 1, 160, true), 32)).at(0), '1e-8');
    assert.ok(numberTicks(scale(0.5, 0.9, 160, true), 32).length >= 2);
    assert.deepEqual(labels(numberTicks(scale(0.3, 30, 160, true), 20)), ['0.5', '1', '2', '5', '10', '20']);
  });

  it('have marks in time', () => {
    assert.deepEqual(labels(durationTicks(scale(0, 65), 60)), ['0 s', '15 s', '30 s', '45 s', '60 s']);
    assert.deepEqual(labels(durationTicks(scale(0, 9000), 60)), ['0 h', '0.5 h', '1 h', '1.5 h', '2 h', '2.5 h']);
    assert.ok(timeTicks(scale(1_700_000_000, 1_700_000_100), 70).every(({ label }) => /^\d\d:\d\d:\d\d$/.test(label)));
  });

  it('go from pixels to values and back', () => {
    for (const isLog of [false, true])
      for (const isDown of [false, true]) {
        const each: Scale = { min: 2, max: 50, start: 10, size: 200, isLog, isDown };
        assert.ok(Math.abs(toValue(each, toPixel(each, 7)) - 7) < 1e-9);
      }
    assert.deepEqual(zoomed(scale(0, 100), 50, 0.5), [25, 75]);
  });
});

describe('numbers and names in charts', () => {
  it('are written for people', () => {
    const texts = [0, 1, 0.96444, 123456.789, 0.00001234, 12345678, null, Number.NaN, 1e-7, -0.5, Number.POSITIVE_INFINITY].map(
      formatNumber,
    );
    assert.deepEqual(texts, ['0', '1', '0.9644', '123457', '1.23e-5', '1.23e7', '–', 'NaN', '1e-7', '-0.5', '∞']);
    assert.equal(exactNumber(0.1 + 0.2), '0.30000000000000004');
  });

  it('are written in one way beside each other', () => {
    assert.deepEqual([0.0009, 0.001].map(commonFormat([0.0009, 0.001])), ['0.0009', '0.001']);
    assert.deepEqual([0.00009, 0.0002].map(commonFormat([0.00009, 0.0002])), ['9e-5', '2e-4']);
    assert.deepEqual(formatTicks([0, 5e5, 1e6, 1.5e6]), ['0', '5.0e5', '1.0e6', '1.5e6']);
  });

  it('stay apart when they are shortened', () => {
    assert.equal(middleShortened('abcdefghij', 5), 'ab…ij');
    const pair = [`${'x'.repeat(40)}alpha${'y'.repeat(40)}`, `${'x'.repeat(40)}beta${'y'.repeat(41)}`];
    const names = distinctNames(pair, 30);
    assert.notEqual(names.get(pair[0]!), names.get(pair[1]!));
    assert.ok(names.get(pair[0]!)!.includes('alpha') && names.get(pair[1]!)!.includes('beta'));
    const smileys = '😀'.repeat(100);
    assert.ok(middleShortened(smileys, 9).isWellFormed());
  });
});

describe('sections of charts', () => {
  const none = { matches: () => true, pinned: [], own: {}, moves: [] };

  it('are by prefix, with the machine last and no section for one metric', () => {
    const sections = chartSections(inNaturalOrder(['system/cpu', 'train/loss', 'train/acc', 'val/acc', 'loss']), none);
    assert.deepEqual(
      sections.map(({ title, cards }) => [title, cards.map(({ name }) => name)]),
      [
        ['Metrics', ['loss', 'val/acc']],
        ['train', ['train/acc', 'train/loss']],
        ['system', ['system/cpu']],
      ],
    );
  });

  it("begin with pinned charts and those of one's own, in the order that was given to them", () => {
    const own = { 1: { name: 'both', keys: ['a', 'b'] } };
    const sections = chartSections(['a', 'b', 'c'], { ...none, own, pinned: ['c'], moves: [moveText('b', 'a'), 'no JSON'] });
    assert.deepEqual(
      sections.map(({ title, cards }) => [title, cards.map(({ name }) => name)]),
      [
        ['Pinned', ['c']],
        ['Charts of your own', ['both']],
        ['Metrics', ['b', 'a']],
      ],
    );
  });

  it('have pictures, then other files behind the metrics, and these can be pinned too', () => {
    const logged = [
      { kind: 'data' as const, key: 'table.json', runs: 1 },
      { kind: 'image' as const, key: 'val/dogs', runs: 2 },
      { kind: 'text' as const, key: 'notes.txt', runs: 1 },
    ];
    const sections = chartSections(['system/cpu', 'loss'], { ...none, logged, pinned: ['*text/notes.txt'] });
    assert.deepEqual(
      sections.map(({ title, cards }) => [title, cards.map(({ name }) => name)]),
      [
        ['Pinned', ['notes.txt']],
        ['Metrics', ['loss']],
        ['Images', ['val/dogs']],
        ['Tables, matrices, histograms and text', ['table.json']],
        ['system', ['system/cpu']],
      ],
    );
    assert.deepEqual(chartSections([], { ...none, matches: (name) => name.includes('dogs'), logged }).length, 1);
  });

  it('have numbers in names by their size', () => {
    assert.deepEqual(inNaturalOrder(['layer 10', 'layer 2', 'Layer 1']), ['Layer 1', 'layer 2', 'layer 10']);
  });

  it('are searched by words or by a regular expression', () => {
    assert.ok(metricSearch('ACC val', false).matches('val/top/acc'));
    assert.ok(metricSearch('^val.*acc$', true).matches('val/acc') && !metricSearch('^acc', true).matches('val/acc'));
    assert.match(metricSearch('(', true).error!, /Unterminated group/);
    assert.ok(metricSearch('(', true).matches('anything'));
  });
});

describe('colours of runs', () => {
  const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const rgb = (color: string) => [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16) / 255));
  const light = (color: string) => {
    const [r, g, b] = rgb(color);
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string) => {
    const [bright, dark] = [light(a), light(b)].sort((x, y) => y - x);
    return (bright! + 0.05) / (dark! + 0.05);
  };

  it('stand out from the background in each theme', () => {
    for (const color of onLight)
      for (const background of ['#ffffff', '#f8f8f8']) assert.ok(contrast(color, background) >= 3, `${color} on ${background}`);
    for (const color of onDark)
      for (const background of ['#1f1f1f', '#252526', '#000000']) assert.ok(contrast(color, background) >= 3, `${color} on ${background}`);
  });

  // Machado, Oliveira and Fernandes (2009): how red-blind and green-blind people see, at full strength.
  const visions = {
    usual: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protanopia: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  };
  const oklab = ([r, g, b]: number[]) => {
    const l = Math.cbrt(0.4122214708 * r! + 0.5363325363 * g! + 0.0514459929 * b!);
    const m = Math.cbrt(0.2119034982 * r! + 0.6806995451 * g! + 0.1073969566 * b!);
    const s = Math.cbrt(0.0883024619 * r! + 0.2817188376 * g! + 0.6299787005 * b!);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };

  it('differ for people who see colours differently', () => {
    for (const [name, matrix] of Object.entries(visions))
      for (const colors of [onLight, onDark]) {
        const seen = colors.map((color) =>
          oklab(
            matrix.map((row) =>
              Math.min(
                1,
                Math.max(
                  0,
                  row.reduce((sum, each, at) => sum + each * rgb(color)[at]!, 0),
                ),
              ),
            ),
          ),
        );
        for (const [i, a] of seen.entries())
          for (const [j, b] of seen.entries())
            if (i < j) assert.ok(Math.hypot(...a.map((each, at) => each - b[at]!)) > 0.06, `${name}: ${colors[i]} and ${colors[j]}`);
      }
  });

  it('stay with a run', () => {
    const colors = Array.from({ length: 200 }, (_, at) => colorOfRun(`run-${at}`, { series: onLight }));
    assert.equal(new Set(colors).size, onLight.length);
    assert.equal(colorOfRun('run-7', { series: onLight }), colors[7]);
    assert.equal(onDark.indexOf(colorOfRun('run-7', { series: onDark })), onLight.indexOf(colors[7]!));
  });

  it('are apart where runs are shown together, and the patterns where there are too many', () => {
    const ids = Array.from({ length: 25 }, (_, at) => `run-${at}`);
    const series = onLight;
    const ten = looksOfRuns(ids.slice(0, 10), { series });
    assert.equal(new Set([...ten.values()].map(({ color }) => color)).size, 10);
    assert.deepEqual(looksOfRuns(ids.slice(0, 10).reverse(), { series }), ten);
    assert.equal(new Set([...looksOfRuns(ids, { series }).values()].map(({ color, dash }) => `${color} ${dash}`)).size, 25);
    assert.equal(looksOfRuns(['run-3'], { series }).get('run-3')!.color, colorOfRun('run-3', { series }));
  });
});
