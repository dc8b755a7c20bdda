import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowCalls, webhookWhen } from './hookCalls.ts';
import { type HookReceiver, startReceiver } from './hookReceiver.ts';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { updraft } from './updraft.ts';

describe('the commands for notices and webhooks', function () {
  this.timeout(60_000);
  let home: string;
  let plane: PlaneProcess;
  let receiver: HookReceiver;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    receiver = await startReceiver();
    plane = await startPlaneProcess(home, ['--no-runner', '--allow-hooks-to', '127.0.0.1']);
  });
  after(async () => {
    await plane?.stop();
    await receiver.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await updraft(home, args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const refused = async (why: RegExp, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await updraft(home, args);
    assert.ok(code === 1 || code === 2, `${code}: ${stdout}`);
    assert.match(stdout + stderr, why);
    assert.doesNotMatch(stderr, /\n\s+at /);
  };

  it('add, list, try and remove notices', async () => {
    await refused(/There is no event "job\.started"/, 'notice', 'add', '--on', 'job.started', '--url', receiver.url);
    await refused(/no mail server/, 'notice', 'add', '--email', 'ann@example.org');
    await refused(/10\.0\.0\.1, which is no public address/, 'notice', 'add', '--url', 'https://10.0.0.1/hook');
    const added = await ok('notice', 'add', '--url', `${receiver.url}/hidden`, '--format', 'slack');
    const id = /notice test (\S+)/.exec(added)![1]!;
    const host = new URL(receiver.url).host;
    const listed = await ok('notice', 'list');
    assert.match(listed, new RegExp(`${id} +${host} +slack +job\\.completed job\\.failed job\\.canceled \\(own jobs\\) +on`));
    assert.equal(listed.includes('hidden'), false);
    assert.match(await ok('notice', 'test', id), /The example was taken\./);
    assert.equal(receiver.received.at(-1)!.path, '/hidden');
    receiver.answer((response) => response.writeHead(404).end());
    await refused(/The example did not arrive\. It answered 404/, 'notice', 'test', id);
    assert.match(await ok('notice', 'deliveries', id), /Nothing was sent yet\./);
    await ok('notice', 'remove', id);
    assert.match(await ok('notice', 'list'), /You have no notice here\./);
    await refused(/You have no notice/, 'notice', 'remove', id);
  });

  it('show webhooks and what became of their events', async () => {
    assert.match(await ok('webhook', 'list'), /There is no webhook/);
    receiver.answer((response) => response.writeHead(503).end());
    const calls = mlflowCalls(plane);
    const { webhook_id: id } = await calls.createWebhook(`${receiver.url}/in`, ['registered_model.created']);
    await calls.createModel('digits');
    await webhookWhen(plane.client, id, ({ standing }) => standing.failures === 1);
    assert.match(await ok('webhook', 'list'), /failing since .* \(1 times\): It answered 503\. Next try: /);
    assert.match(await ok('webhook', 'deliveries', id), /registered_model\.created +models\/digits +next try .* 1 +It answered 503\./);
    await refused(/There is no webhook "none"/, 'webhook', 'deliveries', 'none');
  });

  it("send the notification_settings of a job's file to the control plane", async () => {
    const file = path.join(home, 'job.yml');
    const settings = 'notification_settings:\n  email_on: [JobFailed]\n  emails: [ann@example.org]\n';
    writeFileSync(file, `type: command\ncommand: echo hi\nenvironment: azureml:shell:1\n${settings}`);
    const { properties } = JSON.parse(await ok('arm', '--file', file));
    assert.deepEqual(properties.notificationSetting, { emailOn: ['JobFailed'], emails: ['ann@example.org'] });
    writeFileSync(
      file,
      `type: command\ncommand: echo hi\nenvironment: azureml:shell:1\nnotification_settings: {email_on: [JobBegan], emails: [nobody]}\n`,
    );
    await refused(/JobBegan/, 'validate', file);
  });
});
