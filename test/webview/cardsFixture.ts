import { artifactContainer } from '../../src/protocol/asset.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import type { TestPlane } from '../contract/plane.ts';
import { chartExperiment, chartRun, falling } from './chartRuns.ts';
import { png, pngBomb } from './pictures.ts';

/** Writes files of a run, as its client uploads them. */
export async function logFiles(plane: TestPlane, run: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const body = Buffer.isBuffer(content) ? Uint8Array.from(content) : typeof content === 'string' ? content : JSON.stringify(content);
    await plane.client.writeBlob(artifactContainer, `${artifactFolder(run)}/${path}`, body);
  }
}

/** The name that `mlflow.log_image` gives. */
export const imagePath = (key: string, step: number): string =>
  `images/${key.replaceAll('/', '~')}+step+${step}+timestamp+${1_700_000_000_000 + step}+0f2d6a34-1111-4222-8333-${String(step).padStart(12, '0')}.png`;

/** A blob that gets clearer from step to step, as samples of a model do. */
const sample = (run: number, step: number, size = 28): Buffer =>
  png(size, size, (x, y) => {
    const distance = Math.hypot(x - size / 2 - run * 2, y - size / 2) / size;
    const noise = ((Math.imul(x * 31 + y * 57 + run, 2654435761) >>> 0) % 255) / (1 + step);
    const value = Math.min(255, Math.max(0, 255 * (1 - 2.4 * distance) * (1 - 1 / (1 + step)) + noise));
    return [value, value * (0.7 + 0.1 * run), 255 - value];
  });

const digits = ['zero', 'one', 'two', 'three', 'four'];
const confusion = (run: number) => ({
  schema_type: 'confusion_matrix',
  schema_version: '1.0.0',
  data: {
    class_labels: digits,
    matrix: digits.map((_, actual) =>
      digits.map((_, predicted) => (actual === predicted ? 40 - run * 7 : (actual * 3 + predicted + run) % 5)),
    ),
  },
});

const histogram = (step: number) => ({
  counts: Array.from({ length: 30 }, (_, at) => Math.round(400 * Math.exp(-(((at - 15) / (3 + step)) ** 2)))),
  bin_edges: Array.from({ length: 31 }, (_, at) => (at - 15) / 10),
});

const table = (run: number) => ({
  columns: ['question', 'answer', 'score'],
  data: Array.from({ length: 1200 }, (_, at) => [`How many legs have ${at} cats?`, String(4 * at), (at % 7) / 7 + run / 100]),
});

export const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

/** Three runs of an experiment: two that logged alike, and one whose files are not what they seem. Answers their ids. */
export async function cardRuns(plane: TestPlane, experimentName: string): Promise<string[]> {
  const experiment = await chartExperiment(plane, experimentName);
  const ids = [
    await chartRun(plane, experiment, 'wide net', { loss: falling(1, 50), acc: falling(2, 50).map((value) => 1 - value) }),
    await chartRun(plane, experiment, 'deep net', { loss: falling(3, 50) }),
    await chartRun(plane, experiment, 'odd one', { 'only here': [1, 2, 3] }),
  ];
  for (const [run, steps] of [
    [0, [1, 2, 3, 4, 5]],
    [1, [1, 3, 5]],
  ] as const) {
    const id = ids[run]!;
    for (const step of steps) await logFiles(plane, id, { [imagePath('val/samples', step)]: sample(run, step) });
    for (const step of [1, 2]) await logFiles(plane, id, { [`weights/epoch_${step}.json`]: histogram(step + run) });
    await logFiles(plane, id, {
      'confusion_matrix.json': confusion(run),
      'answers.json': table(run),
      'notes.txt': `line one\n${hostile}\n`,
    });
  }
  await logFiles(plane, ids[2]!, {
    'confusion_matrix.json': { schema_type: 'confusion_matrix', data: { class_labels: [hostile, 'b'], matrix: [[1, 2], [3]] } },
    'nan_confusion.json': `{"labels": [${JSON.stringify(hostile)}, "b"], "matrix": [[NaN, 2], [3, 4]]}`,
    'bomb.png': pngBomb(30_000, 30_000),
    'lies.png': hostile,
    'cut.png': sample(1, 1).subarray(0, 30),
    'big_confusion.json': {
      labels: null,
      matrix: Array.from({ length: 1000 }, (_, row) => Array.from({ length: 1000 }, (_, at) => (row === at ? 9 : (row * at) % 3))),
    },
    'broken.json': '{"counts": [1, 2',
    'residuals.json': { schema_type: 'residuals', data: { bin_edges: [100, 200, 300], bin_counts: [0.88, 20, 30, 50.99] } },
    'zeros.json': Buffer.alloc(100),
  });
  return ids;
}
