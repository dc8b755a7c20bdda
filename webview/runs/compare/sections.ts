import { formatBytes, formatDuration } from '../../../src/base/text.ts';
import { parseAssetId } from '../../../src/protocol/arm.ts';
import type { BlobEntry } from '../../../src/protocol/asset.ts';
import { pageOfAssetId } from '../../../src/protocol/assetPage.ts';
import { type Job, jobProperty, literalInputs } from '../../../src/protocol/job.ts';
import { parseOutputReference } from '../../../src/protocol/jobPlaces.ts';
import { isSystemMetric } from '../../../src/protocol/systemMetric.ts';
import { computeOf, environmentName, environmentPage, gitState } from '../../job/overview/facts.ts';
import { lookOf } from '../../shared/ui/statusLook.ts';
import { type ComparedRun, environmentIdOf, type RunFiles } from './comparedRun.ts';
import { type Cell, type Row, rowOf, rowsOf, type Section } from './comparison.ts';
import { packagesOf } from './packages.ts';

/** Which of the values of a metric are compared. */
export const metricValues = ['latest', 'smallest', 'largest'] as const;
export type MetricValue = (typeof metricValues)[number];

/** Least and greatest value of each metric of each run, by run and key. */
export type Extremes = ReadonlyMap<string, ReadonlyMap<string, { smallest: number; largest: number }>>;

/** Everything that runs are compared by. `files` are by the run's id; undefined until they are read. */
export function sectionsOf(
  runs: readonly ComparedRun[],
  files: ReadonlyMap<string, RunFiles> | undefined,
  values: MetricValue = 'latest',
  extremes?: Extremes,
): Section[] {
  const counts = runs.map(({ job }) => job !== undefined);
  const rows = (mapOf: (job: Job, run: ComparedRun) => ReadonlyMap<string, Cell> | undefined, inOrder?: (a: string, b: string) => number) =>
    rowsOf(
      runs.map((run) => run.job && mapOf(run.job, run)),
      counts,
      inOrder,
    );
  const fileRows = (entriesOf: (of: RunFiles) => readonly BlobEntry[] | undefined) =>
    rows((job) => {
      const entries = files?.get(job.name) && entriesOf(files.get(job.name)!);
      return entries && new Map(entries.map((entry) => [entry.path, fileCell(entry)]));
    });
  const packagesOfRun = areAllInstalled(files) ? installedCells : packageCells;
  const metrics = metricRows(runs, counts, values, extremes);
  return [
    { key: 'parameters', title: 'Parameters', rows: parameterRows(runs, counts) },
    { key: 'metrics', title: 'Metrics', rows: metrics.filter(({ key }) => !isSystemMetric(key)) },
    { key: 'details', title: 'Details', rows: detailRows(runs, counts) },
    { key: 'tags', title: 'Tags', rows: rows((job) => textCells(job.properties.tags ?? {})) },
    { key: 'inputs', title: 'Input data', rows: rows(dataInputs) },
    { key: 'outputs', title: 'Outputs', rows: rows(outputCells) },
    {
      key: 'environment',
      title: 'Environment',
      rows: [...detailRows(runs, counts, environmentFacts(files)), ...rows((job) => packagesOfRun(files?.get(job.name)))],
    },
    { key: 'code', title: 'Code', rows: fileRows(({ code }) => code) },
    { key: 'artifacts', title: 'Artifacts', rows: fileRows(({ artifacts }) => artifacts) },
    { key: 'system', title: 'What the machine did', rows: metrics.filter(({ key }) => isSystemMetric(key)) },
  ];
}

const textCells = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values).map(([name, text]) => [name, { text }]));

/** Parameters that were logged, and literal inputs; one row for both where they never contradict each other. */
function parameterRows(runs: readonly ComparedRun[], counts: readonly boolean[]): Row[] {
  const logged = runs.map(({ run }) => new Map((run?.data.params ?? []).map(({ key, value }) => [key, { text: value }])));
  const inputs = runs.map(({ job }) => new Map((job ? literalInputs(job) : []).map(([name, text]): [string, Cell] => [name, { text }])));
  const contradicted = new Set(
    inputs.flatMap((map, index) =>
      [...map.keys()].filter((name) => (logged[index]!.get(name) ?? map.get(name)!).text !== map.get(name)!.text),
    ),
  );
  return rowsOf(
    logged.map((own, index) => {
      const all = new Map<string, Cell>(own);
      for (const [name, cell] of inputs[index]!) all.set(contradicted.has(name) ? `${name} (input)` : name, cell);
      return all;
    }),
    counts,
  );
}

function metricRows(runs: readonly ComparedRun[], counts: readonly boolean[], values: MetricValue, extremes: Extremes | undefined): Row[] {
  const maps = runs.map(({ id, run }) => {
    const cells = new Map<string, Cell>();
    for (const { key, value: latest } of run?.data.metrics ?? []) {
      const value = values === 'latest' ? Number(latest) : extremes?.get(id)?.get(key)?.[values];
      if (value !== undefined) cells.set(key, { text: String(value), value });
    }
    return cells;
  });
  return rowsOf(maps, counts);
}

type Fact = readonly [label: string, of: (job: Job, run: ComparedRun) => Cell | string | undefined];

const facts: readonly Fact[] = [
  ['Status', ({ properties: { status } }) => status && { text: lookOf(status).label, status }],
  ['Error', ({ properties: { error } }) => error?.message],
  ['Duration', durationCell],
  ['Submitted', ({ systemData }) => systemData && { text: systemData.createdAt, at: systemData.createdAt }],
  ['Started', ({ properties: { startedAt } }) => (startedAt ? { text: startedAt, at: startedAt } : undefined)],
  ['By', ({ systemData }) => systemData?.createdBy],
  ['Experiment', ({ properties }) => properties.experimentName],
  ['Type', ({ properties }) => properties.jobType],
  ['Compute', (job) => computeOf(job, [])],
  ['Description', ({ properties }) => properties.description ?? undefined],
  [
    'Part of',
    ({ properties: { parentJobName } }) => (parentJobName ? { text: parentJobName, to: { page: 'job', name: parentJobName } } : undefined),
  ],
  ['Command', ({ properties }) => (properties.jobType === 'Command' ? properties.command : undefined)],
  ['From', ({ properties }) => properties.properties?.[jobProperty.submittedFile]],
  ['Commit', ({ properties }) => properties.properties?.[jobProperty.gitCommit]],
  ['Branch', ({ properties }) => properties.properties?.[jobProperty.gitBranch]],
  ['Working copy', ({ properties }) => gitState(properties.properties?.[jobProperty.gitDirty])],
];

/** Durations and moments are never quite the same: only what people see of them is a difference. */
function durationCell({ properties: { startedAt, endedAt } }: Job): Cell | undefined {
  if (!startedAt || !endedAt) return undefined;
  const text = formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)));
  return { text };
}

/** Facts in their own order, without those that no run has. */
function detailRows(runs: readonly ComparedRun[], counts: readonly boolean[], of: readonly Fact[] = facts): Row[] {
  return of.flatMap(([label, cellOf]) => {
    const cells = runs.map((run) => {
      const found = run.job && cellOf(run.job, run);
      return typeof found === 'string' ? (found === '' ? undefined : { text: found }) : found;
    });
    return cells.some(Boolean) ? [rowOf(label, label, cells, counts)] : [];
  });
}

function dataInputs({ properties: { inputs } }: Job): Map<string, Cell> {
  return new Map(
    Object.entries(inputs ?? {}).flatMap(([name, input]): [string, Cell][] =>
      input.jobInputType === 'literal' ? [] : [[name, addressCell(input.uri ?? '')]],
    ),
  );
}

/** Equal outputs are those with the same content, where that is known. */
function outputCells({ properties: { outputs, properties } }: Job): Map<string, Cell> {
  return new Map(
    Object.entries(outputs ?? {}).map(([name, output]): [string, Cell] => {
      const hash = properties?.[jobProperty.contentHash + name];
      const cell = addressCell(output.uri ?? '');
      return [name, hash ? { ...cell, text: `${cell.text} (${hash.slice(0, 8)})`, same: hash } : cell];
    }),
  );
}

/** An asset by its name and version, the output of a job by the job, anything else as it is. */
function addressCell(uri: string): Cell {
  const asset = parseAssetId(uri);
  const output = parseOutputReference(uri);
  const to = asset ? pageOfAssetId(uri) : output && ({ page: 'job', name: output.job, tab: 'outputs' } as const);
  const text = asset
    ? `${asset.name}:${asset.version}`
    : uri.replace(/^azureml:\/\/(?:.*\/)?datastores\/([^/]+)\/paths\//, '$1: ').replace(/^azureml:\/\/jobs\//, '');
  return { text: text || 'made by the job', ...(uri ? { same: uri } : {}), ...(to ? { to } : {}) };
}

const environmentFacts = (files: ReadonlyMap<string, RunFiles> | undefined): readonly Fact[] => [
  ['Environment', (job) => environmentCell(environmentIdOf(job))],
  ['Image', (job) => files?.get(job.name)?.environment?.properties.image ?? undefined],
];

function environmentCell(id: string | undefined): Cell | undefined {
  const to = id === undefined ? undefined : environmentPage(id);
  return id === undefined ? undefined : { text: environmentName(id), same: id, ...(to ? { to } : {}) };
}

/** Whether it is known of all what was really installed. What one run asked for is not to be compared with what another one got. */
const areAllInstalled = (files: ReadonlyMap<string, RunFiles> | undefined): boolean =>
  [...(files?.values() ?? [])].every(({ environment, installed }) => installed || !environment?.properties.condaFile);

function installedCells(of: RunFiles | undefined): Map<string, Cell> | undefined {
  if (!of?.installed) return undefined;
  const { python, packages } = of.installed;
  return new Map([...(python ? [['python', python] as const] : []), ...packages].map(([name, text]) => [name, { text }]));
}

function packageCells(of: RunFiles | undefined): Map<string, Cell> | undefined {
  const condaFile = of?.environment?.properties.condaFile;
  return condaFile ? new Map([...packagesOf(condaFile)].map(([name, version]) => [name, { text: version || 'any version' }])) : undefined;
}

function fileCell({ size, sha256 }: BlobEntry): Cell {
  const parts = [...(size === undefined ? [] : [formatBytes(size)]), ...(sha256 ? [sha256.slice(0, 8)] : [])];
  return { text: parts.join(' · '), ...(sha256 ? { same: sha256 } : {}) };
}
