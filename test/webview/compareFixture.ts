import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { datastoreUri } from '../../src/protocol/asset.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, shellEnvironment, type TestPlane } from '../contract/plane.ts';

const script = (rate: string) =>
  `import argparse\n\n# The learning rate of the first try.\nrate = ${rate}\n\n\ndef main():\n    print(rate)\n`;

interface Made {
  rate: string;
  data: number;
  /** Content of an artifact. */
  model: string;
  /** A package file that it does not install: it waits for a compute that takes no job. */
  environment?: string;
  more?: Record<string, string>;
}

/** Jobs that ran and can be compared: `first` and `second` with other code, data and artifacts; `third` and `fourth` wait, with packages. */
export async function comparedJobs(plane: TestPlane): Promise<void> {
  const { client } = plane;
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-compare-'));
  await shellEnvironment(client);
  // Somebody serves this compute, and takes no job.
  await client.claimJobs({ runnerId: 'elsewhere', computes: ['busy'], others: false, room: 0, holds: [] });
  for (const version of ['1', '2']) {
    await client.writeBlob('azureml-blobstore', `digits/${version}/rows.csv`, `a,b\n${version},2\n`);
    await client.putAsset('data', 'digits', version, { dataType: 'uri_folder', dataUri: datastoreUri(`digits/${version}`) });
    await client.putAsset('environments', 'torch', version, {
      image: 'ubuntu:22.04',
      condaFile: `dependencies:\n  - python=3.1${version}\n  - pip:\n      - torch==2.${version}\n      - numpy==2.0\n`,
    });
  }
  const make = async (name: string, { rate, data, model, environment, more = {} }: Made) => {
    const code = path.join(folder, name);
    mkdirSync(code);
    for (const [file, text] of Object.entries({ 'train.py': script(rate), 'shared.py': 'x = 1\n', ...more }))
      writeFileSync(path.join(code, file), text);
    const yaml = path.join(folder, `${name}.yml`);
    writeFileSync(
      yaml,
      [
        'type: command',
        `display_name: ${name} try`,
        'experiment_name: comparison',
        `code: ./${name}`,
        `command: mkdir -p outputs; printf ${model} > outputs/model.txt; printf same > outputs/same.txt`,
        `environment: azureml:${environment ?? 'shell:1'}`,
        ...(environment ? ['compute: azureml:busy'] : []),
        'inputs:',
        `  lr: ${rate}`,
        `  data: { type: uri_folder, path: "azureml:digits:${data}" }`,
        'tags: { team: vision }',
        '',
      ].join('\n'),
    );
    await submitJob({ client, file: yaml, name });
  };
  await make('first', { rate: '0.1', data: 1, model: 'one' });
  await make('second', { rate: '0.01', data: 2, model: 'two', more: { 'extra.py': 'y = 2\n' } });
  await make('third', { rate: '0.1', data: 1, model: 'one', environment: 'torch:1' });
  await make('fourth', { rate: '0.1', data: 1, model: 'one', environment: 'torch:2' });
  for (const name of ['first', 'second']) await jobWhen(client, name);
  const log = (name: string, accuracy: number[], layers: string) =>
    client.logBatch(name, {
      metrics: [
        ...accuracy.map((value, step) => ({ key: 'accuracy', value, timestamp: 1000 + step, step })),
        { key: 'system/cpu_percent', value: 10 * accuracy.length, timestamp: 1000, step: 0 },
      ],
      params: [
        { key: 'layers', value: layers },
        { key: 'batch', value: '32' },
      ],
    });
  await log('first', [0.5, 0.9, 0.8], '2');
  await log('second', [0.6, 0.84], '3');
  rmSync(folder, { recursive: true });
}

/** A run whose every value wants to be more than a text. */
export async function hostileRun(plane: TestPlane): Promise<string> {
  const { client } = plane;
  const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: '0',
    run_name: '<img src=x onerror="document.title=1">\u202egnp.exe',
  });
  await client.logBatch(run.info.run_id, {
    metrics: [{ key: 'loss', value: 'NaN', timestamp: 1, step: 0 }],
    params: [
      { key: 'long', value: 'x'.repeat(6000) },
      { key: 'turned', value: '\u202e</td><script>document.title=1</script>\u200b' },
    ],
  });
  await client.patchJob(run.info.run_id, { tags: { '<b>name</b>\u202e\u0007': '<img src=x onerror="document.title=1">' } });
  return run.info.run_id;
}
