import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readReport } from '../../src/cli/report/readReport.ts';
import { reportHtml } from '../../src/cli/report/reportHtml.ts';
import { writeComment } from '../../src/client/comments.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from './plane.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { updraft } from './updraft.ts';

const pipeline = `
type: pipeline
display_name: Makes <b>weights</b>
inputs:
  rows: { type: uri_folder, path: ./rows }
outputs:
  model: { type: custom_model, name: digits }
jobs:
  train:
    type: command
    command: cp \${{inputs.rows}}/a.csv \${{outputs.model}}/weights.bin
    environment: { image: ubuntu:22.04 }
    code: ./src
    inputs:
      rows: \${{parent.inputs.rows}}
    outputs:
      model: \${{parent.outputs.model}}
`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the report of a model', () => {
  let plane: TeamPlane;
  let folder: string;
  let client: PlaneClient;
  before(async () => {
    plane = await startTeam(undefined, undefined, { withRunner: true });
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    for (const each of ['rows', 'src']) mkdirSync(path.join(folder, each));
    writeFileSync(path.join(folder, 'rows/a.csv'), '1,2\n');
    writeFileSync(path.join(folder, 'src/train.sh'), 'echo trains\n');
    writeFileSync(path.join(folder, 'pipeline.yml'), pipeline);
    client = plane.client;
    const { name } = (await submitJob({ client, file: path.join(folder, 'pipeline.yml') })).job;
    await jobWhen(client, name);
    await client.http.json('POST', '/api/2.0/mlflow/runs/log-metric', {
      run_id: `${name}-train`,
      key: 'acc',
      value: 0.75,
      timestamp: 1,
      step: 0,
    });
    await client.http.json('POST', '/api/2.0/mlflow/registered-models/alias', { name: 'digits', alias: 'approved', version: '1' });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the data, code, environment, people, evaluations and files of it, on one page that fetches nothing', async () => {
    const digits = { kind: 'models', name: 'digits' } as const;
    await writeComment(client.http, digits, { text: 'Good **enough**\n<b>for</b> all' });
    await writeComment(client.http, { ...digits, version: '1' }, { text: 'Checked.' });
    const file = path.join(folder, 'report.html');
    const args = ['model', 'report', '--name', 'digits', '--file', file, '--server', plane.url, '--token', plane.token];
    const { code, stdout, stderr } = await updraft(folder, args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /The report of digits 1 is in /);
    const page = readFileSync(file, 'utf8');
    for (const part of [
      '<h1>Model digits, version 1</h1>',
      'approved',
      // What it learned from, what it was made by, and what came out, each by its content.
      sha256('1,2\n'),
      sha256('echo trains\n'),
      'weights.bin',
      'ubuntu:22.04',
      'cp ${{inputs.rows}}/a.csv',
      '<td>acc</td><td>0.75</td>',
      'submitted the job that made it',
      'Lines of the audit log that name it',
      // Comments as people wrote them, the oldest first.
      '<pre dir="auto">Good **enough**\n&lt;b&gt;for&lt;/b&gt; all</pre>',
      ', on version 1</p><pre dir="auto">Checked.</pre>',
    ])
      assert.ok(page.includes(part), part);
    assert.ok(page.includes('Makes &lt;b&gt;weights&lt;/b&gt;') && !page.includes('<b>'));
    assert.doesNotMatch(page, /<script|<link|src=|href=|https?:\/\/(?!127)/);
    const again = await updraft(folder, args);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /There is a file .* already/);
  });

  it('says what is not there: the job of a model that was registered from files, and lines that are not shown', async () => {
    await client.http.json('POST', '/api/2.0/mlflow/registered-models/create', { name: 'given' });
    await client.http.json('POST', '/api/2.0/mlflow/model-versions/create', { name: 'given', source: 'https://example.org/model' });
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    const { token } = await plane.add('ann@example.org', 'AzureML Data Scientist', 'local');
    const ann = new PlaneClient({ url: plane.url, token: token!.token }, defaultWorkspace);
    const page = reportHtml(await readReport(ann, 'given', await ann.getAsset('models', 'given', '1')), {
      at: '2026-11-27T10:00:00Z',
      plane: plane.url,
      version: '1',
    });
    assert.match(page, /no job of this control plane made it/);
    assert.match(page, /does not have authorization to perform action/);
    assert.match(page, /No metric was logged/);
    assert.match(page, /Nobody has commented on it/);
  });
});
