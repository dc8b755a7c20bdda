import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { exportYaml } from '../../src/cli/exportYaml.ts';
import { exportFolder, type Selection } from '../../src/exchange/folder/exportFolder.ts';
import { FolderReader } from '../../src/exchange/folder/folderReader.ts';
import { createdFile, experimentsFile, manifestFile, sumsFile } from '../../src/exchange/folder/format.ts';
import { importFolder } from '../../src/exchange/folder/importFolder.ts';
import { Result } from '../../src/exchange/result.ts';
import { filesBelow } from '../../src/files/filesBelow.ts';
import { artifactContainer, blobContainer, datastoreUri } from '../../src/protocol/asset.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { loadSpec } from '../../src/spec/load.ts';
import { localFiles } from '../../src/submit/localFiles.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { failingPipeline } from './failingPipeline.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const single = `type: command
experiment_name: singles
code: ./src
command: sh prepare.sh \${{outputs.data}}
environment: azureml:shell:1
outputs:
  data: { type: uri_folder }
`;

/** Names that one file system or another refuses, or takes for the same. */
const odd = [
  'CON',
  'aux.txt',
  'A.txt',
  'a.txt',
  'folder/B/x',
  'folder/b/x',
  'dot.',
  'what: ?*|.txt',
  '%41',
  'back\\slash',
  `${'ü'.repeat(120)}.bin`,
  'e\u0301',
  '\u00e9',
];

describe('an export to a folder', () => {
  let [here, there, folder]: [TestPlane, TestPlane, string] = [undefined!, undefined!, ''];
  const at = (...names: string[]) => path.join(folder, ...names);
  /** Answers what is in the folder now, and throws where anything was left out. */
  async function exported({ client }: TestPlane, to: string, selection: Selection = {}) {
    const result = new Result();
    const { counts, written } = await exportFolder(client, to, { ...selection, yaml: exportYaml, version: 'test', result });
    assert.deepEqual(result.refused, []);
    return { ...counts, written: written.files } as Record<string, number>;
  }
  /** Answers what was new, and throws where anything was refused. */
  async function imported({ client }: TestPlane, from: string, dryRun = false) {
    const { counts, refused } = await importFolder(from, client, { dryRun });
    assert.deepEqual(refused, []);
    return counts;
  }

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-export-'));
    [here, there] = await Promise.all([startPlane(), startPlane()]);
    const { client } = here;
    await shellEnvironment(client);
    writeIn(folder, 'src/prepare.sh', 'seq 1 1000 > "$1/numbers.txt"; echo prepared; for n in $(seq 200); do echo "line $n"; done\n');
    writeIn(folder, 'pipeline.yml', failingPipeline);
    writeIn(folder, 'single.yml', single);
    await submitJob({ client, file: at('pipeline.yml'), name: 'digits' });
    await submitJob({ client, file: at('single.yml'), name: 'single' });
    assert.equal((await jobWhen(client, 'digits')).properties.status, 'Failed');
    assert.equal((await jobWhen(client, 'single')).properties.status, 'Completed');
    for (const first of [0, 1000, 2000])
      await client.logBatch('digits', {
        metrics: Array.from({ length: 1000 }, (_, n) => ({
          key: n % 2 ? 'loss' : 'val/odd ü',
          value: n === 7 ? 'NaN' : n === 9 ? '-Infinity' : 1 / (first + n + 1),
          step: first + n,
          timestamp: 1_700_000_000_000 + n,
        })),
      });
    await client.logBatch('digits', {
      params: [
        { key: 'lr', value: '0.1' },
        { key: 'deep', value: 'ü\n"' },
      ],
    });
    for (const name of odd) await client.writeBlob(artifactContainer, `${artifactFolder('digits')}/plots/${name}`, `<${name}>`);
    await client.writeBlob(artifactContainer, `${artifactFolder('digits')}/empty`, '');
    await client.writeBlob(blobContainer, 'LocalUpload/table/table.csv', 'a,b\n1,2\n');
    await client.putAsset('data', 'table', '1', {
      dataType: 'uri_file',
      dataUri: datastoreUri('LocalUpload/table/table.csv'),
      description: 'Two numbers.',
      tags: { kind: 'toy' },
    });
    await client.putAsset('data', 'far', '1', { dataType: 'uri_file', dataUri: 'https://example.org/x.csv' });
    await client.putAsset('models', 'net', '3', {
      modelType: 'custom_model',
      modelUri: datastoreUri('azureml/single/data/'),
      jobName: 'single',
      tags: { good: 'yes' },
    });
    await client.setModelAlias('net', 'champion', '3');
    const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: 'by hand',
    });
    const id = run.info.run_id;
    await client.http.json('POST', '/api/2.0/mlflow/runs/log-inputs', {
      run_id: id,
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
          dataset: { name: 'd', digest: '1', source_type: 'local', source: '{}' },
        },
      ],
    });
    await client.endRun(id, 'FINISHED');
  });
  after(async () => {
    await Promise.all([here?.remove(), there?.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** All of an export but when and by whom it was made, and what an import does not keep. */
  async function contentOf(root: string): Promise<Record<string, string>> {
    const content: Record<string, string> = {};
    for (const name of await filesBelow(root)) {
      if (name === manifestFile || name === sumsFile || name === createdFile) continue;
      content[name] = createHash('sha256')
        .update(readFileSync(path.join(root, name)))
        .digest('hex');
    }
    return content;
  }

  it('is the same again after an import to a new plane; neither done twice changes anything', async () => {
    const first = await exported(here, at('first'));
    assert.deepEqual([first.jobs, first.models, first.data, first.points! >= 3000], [5, 1, 2, true], JSON.stringify(first));
    // The manifest says that it is not complete, and then that it is.
    assert.equal((await exported(here, at('first'))).written, 2);
    await imported(there, at('first'), true);
    assert.equal((await there.client.listJobs({ listViewType: 'All' })).value.length, 0);
    assert.equal((await imported(there, at('first'))).jobs, 5);
    await exported(there, at('second'));
    const [a, b] = [await contentOf(at('first')), await contentOf(at('second'))];
    const different = Object.keys({ ...a, ...b }).filter((name) => a[name] !== b[name]);
    const shown = different
      .slice(0, 1)
      .map((name) =>
        [at('first', name), at('second', name)]
          .map((file) => (existsSync(file) ? readFileSync(file, 'utf8').slice(0, 3000) : 'missing'))
          .join('\n---\n'),
      );
    assert.deepEqual(different, [], shown.join());
    assert.ok(Object.keys(a).length > 30);
    const { seq } = await there.client.status();
    const again = await imported(there, at('first'));
    assert.deepEqual([again.jobs, again.points, again.files, again.assets], [0, 0, 0, 0]);
    assert.equal((await there.client.status()).seq, seq, 'nothing was written again');
    const { seq: own } = await here.client.status();
    await imported(here, at('first'));
    assert.equal((await here.client.status()).seq, own, 'it is all there');
  });

  it('brings everything: files under their own names, the log, why a job failed, the alias', async () => {
    const { client } = there;
    assert.equal(await logOf(client, 'digits'), await logOf(here.client, 'digits'));
    assert.deepEqual((await client.getJob('digits')).properties.error, (await here.client.getJob('digits')).properties.error);
    for (const name of odd)
      assert.equal(await (await client.readBlob(artifactContainer, `${artifactFolder('digits')}/plots/${name}`)).text(), `<${name}>`);
    assert.deepEqual((await client.getAsset('models', 'net', '3')).properties.aliases, ['champion']);
    const series = async ({ client }: TestPlane) =>
      (await client.metricSeries('digits', [], 5000)).series.sort((one, other) => (one.key < other.key ? -1 : 1));
    assert.deepEqual(await series(there), await series(here));
    const steps = (await client.listJobs({ parent: 'digits', listViewType: 'All' })).value
      .map(({ properties }) => properties.nodeName)
      .sort();
    assert.deepEqual(steps, ['prepare', 'train']);
  });

  it('has YAML that can be submitted again from where it lies', async () => {
    await submitJob({ client: there.client, file: at('first/jobs/single/job.yml'), name: 'again' });
    assert.equal((await jobWhen(there.client, 'again')).properties.status, 'Completed');
    for (const file of (await filesBelow(at('first'))).filter((name) => name.endsWith('.yml'))) {
      const { diagnostics } = loadSpec(at('first', file), localFiles);
      const wrong = diagnostics.filter(({ severity }) => severity === 'error');
      assert.deepEqual(wrong, [], `${file}: ${readFileSync(at('first', file), 'utf8')}`);
    }
  });

  it('goes on where it was cut off, and mends what was damaged', async () => {
    cpSync(at('first'), at('torn'), { recursive: true });
    rmSync(at('torn/jobs/digits/record.json'));
    truncateSync(at('torn/jobs/digits/metrics.parquet'), 100);
    appendFileSync(at('torn/environments/shell/1/record.json'), ' ');
    const { refused } = await importFolder(at('torn'), there.client);
    assert.match(
      refused.map(({ why }) => why).join('\n'),
      /record\.json is missing.*other content|other content.*record\.json is missing/s,
    );
    writeFileSync(at('torn', manifestFile), '{"format":"updraft-export","version":1,"complete":false}');
    await assert.rejects(FolderReader.open(at('torn')), { code: 'InvalidValue', message: /not complete/ });
    assert.equal((await exported(here, at('torn'))).written, 5);
    assert.deepEqual(await contentOf(at('torn')), await contentOf(at('first')));
    await assert.rejects(exported(here, at('src')), { code: 'Conflict', message: /has something else in it/ });
  });

  it('has of a selection what it names alone', async () => {
    const { jobs, codes, environments, models = 0 } = await exported(here, at('chosen'), { jobs: ['single'] });
    assert.deepEqual([jobs, codes, environments, models], [1, 1, 1, 0]);
    assert.deepEqual(
      JSON.parse(readFileSync(at('chosen', experimentsFile), 'utf8')).map(({ name }: { name: string }) => name),
      ['singles'],
    );
    await assert.rejects(exported(here, at('nothing'), { experiment: 'no such' }), { code: 'NotFound', message: /nothing to export/ });
  });

  it('is refused where it lies or leads out, and what is whole goes on', async () => {
    const plane = await startPlane({ withRunner: false });
    try {
      /** A copy of the export that somebody has changed, with sums that fit where they are to. */
      const hostile = (name: string, change: (root: string) => void, fits = true): string => {
        const root = at(name);
        cpSync(at('first'), root, { recursive: true });
        change(root);
        if (!fits) return root;
        const lines = readFileSync(path.join(root, sumsFile), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => {
            const file = path.join(root, line.slice(66));
            return existsSync(file) ? `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${line.slice(66)}` : line;
          });
        const sums = `${lines.join('\n')}\n`;
        writeFileSync(path.join(root, sumsFile), sums);
        const manifest = JSON.parse(readFileSync(path.join(root, manifestFile), 'utf8'));
        writeFileSync(
          path.join(root, manifestFile),
          JSON.stringify({ ...manifest, sums: createHash('sha256').update(sums).digest('hex') }),
        );
        return root;
      };
      const refusals = async (root: string) => {
        const { refused } = await importFolder(root, plane.client);
        return refused.map(({ what, why }) => `${what}: ${why}`).join('\n');
      };
      writeFileSync(at('secret'), 'secret');
      const lying = hostile('lying', (root) => writeFileSync(path.join(root, 'jobs/single/logs/user_logs/std_log.txt'), 'other'), false);
      assert.match(await refusals(lying), /^jobs\/single: .*other content than SHA256SUMS says/m);
      assert.ok(await plane.client.getJob('digits'), 'everything else was taken');
      const link = hostile('link', (root) => {
        rmSync(path.join(root, 'jobs/digits/artifacts/empty'));
        symlinkSync(at('secret'), path.join(root, 'jobs/digits/artifacts/empty'));
      });
      await plane.client.deleteJob('digits');
      assert.match(await refusals(link), /jobs\/digits: .*is a link/);
      const behind = hostile('behind', (root) => {
        cpSync(path.join(root, 'jobs/digits/artifacts'), at('outside'), { recursive: true });
        rmSync(path.join(root, 'jobs/digits/artifacts'), { recursive: true });
        symlinkSync(at('outside'), path.join(root, 'jobs/digits/artifacts'));
      });
      assert.match(await refusals(behind), /jobs\/digits: .*behind a link/);
      const torn = hostile('tornTable', (root) => truncateSync(path.join(root, 'jobs/digits/metrics.parquet'), 500));
      assert.match(await refusals(torn), /jobs\/digits: .*is no table of metrics/);
      const records =
        (change: (record: any) => void, job = 'digits') =>
        (root: string) => {
          const file = path.join(root, `jobs/${job}/record.json`);
          const record = JSON.parse(readFileSync(file, 'utf8'));
          change(record);
          writeFileSync(file, JSON.stringify(record));
        };
      const names = hostile(
        'names',
        records((record) => {
          record.names = { 'artifacts/empty': 'artifacts/../../other/x' };
        }),
      );
      assert.match(await refusals(names), /jobs\/digits: "names" in record.json says/);
      const times = hostile(
        'times',
        records((record) => {
          record.createdAt = '+999999999-01-01';
        }),
      );
      assert.match(await refusals(times), /jobs\/digits: .*is no time/);
      const shapes = hostile(
        'shapes',
        records((record) => {
          record.params = 'x';
        }),
      );
      assert.match(await refusals(shapes), /jobs\/digits: .*is not valid at \/params/);
      const taking = hostile('taking', (root) => {
        const file = path.join(root, 'data/table/1/record.json');
        const record = JSON.parse(readFileSync(file, 'utf8'));
        // A file of another asset.
        record.name = 'thief';
        record.properties.dataUri = datastoreUri('LocalUpload/table/table.csv');
        writeFileSync(file, JSON.stringify(record));
        writeFileSync(path.join(root, 'data/table/1/files/table.csv'), 'stolen');
      });
      assert.match(await refusals(taking), /data\/table\/1: There is another file at LocalUpload\/table\/table.csv/);
      const lines = hostile(
        'lines',
        (root) => {
          const sums = `${'0'.repeat(64)}  ../../secret\n`;
          writeFileSync(path.join(root, sumsFile), sums);
          writeFileSync(
            path.join(root, manifestFile),
            JSON.stringify({ format: 'updraft-export', version: 1, complete: true, sums: createHash('sha256').update(sums).digest('hex') }),
          );
        },
        false,
      );
      await assert.rejects(importFolder(lines, plane.client), {
        code: 'InvalidValue',
        message: /Line 1 of .* names no file of the folder/,
      });
      mkdirSync(at('newer'));
      writeFileSync(at('newer', manifestFile), '{"format":"updraft-export","version":2,"complete":true,"sums":"x"}');
      await assert.rejects(importFolder(at('newer'), plane.client), {
        message: /has version 2 of the format, and this Updraft reads version 1/,
      });
    } finally {
      await plane.remove();
    }
  });

  it('is written and read by the command line, which says what there is', async () => {
    const own = await startPlane();
    try {
      const run = ({ url, token }: TestPlane, ...args: string[]) =>
        updraft(at('home'), [...args, '--server', url, '--token', token], { cwd: folder });
      const written = await run(here, 'export', 'told', '--job', 'single');
      assert.equal(written.code, 0, written.stderr);
      assert.match(
        written.stdout,
        /told has 1 job, (\d+ points of metrics, )?1 version of code, 1 version of environment\.\nNew in it: \d+ files, /,
      );
      const looked = await run(own, 'import', 'told', '--dry-run');
      assert.match(looked.stdout, /^3 things would be looked at\. Nothing was written\.$/m, looked.stderr);
      const brought = await run(own, 'import', 'told');
      assert.equal(brought.code, 0, brought.stderr);
      assert.match(brought.stdout, /^New here: 1 experiment, 1 job, .*2 assets\.$/m);
      assert.equal((await own.client.getJob('single')).properties.status, 'Completed');
      assert.match((await run(own, 'import', 'told')).stdout, /^3 things looked at: nothing is missing here\.$/m);
      const wrong = await run(own, 'import', 'nowhere');
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /^error: There is no folder .*nowhere\.\n/);
      assert.doesNotMatch(wrong.stderr, /\n\s+at /);
    } finally {
      await own.remove();
    }
  });
});
