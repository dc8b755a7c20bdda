import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { lineLogger } from '../../src/base/logger.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import type { JobProperties } from '../../src/protocol/job.ts';
import type { NoticeView } from '../../src/protocol/notice.ts';
import { configOf } from '../../src/server/config.ts';
import { startControlPlane } from '../../src/server/controlPlane.ts';
import { sendMail } from '../../src/server/deliveries/mail.ts';
import { noticeMessage } from '../../src/server/deliveries/noticeMessage.ts';
import { afterChange, mlflowCalls } from './hookCalls.ts';
import { type HookReceiver, startReceiver } from './hookReceiver.ts';
import { type MailReceiver, startMailReceiver } from './mailReceiver.ts';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { SetClock } from './setClock.ts';
import { type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';

/** A run that a script makes and ends. */
async function endRun(calls: ReturnType<typeof mlflowCalls>, name: string, status = 'FINISHED'): Promise<string> {
  const made = await calls.send('POST', 'experiments/create', { name: 'digits' });
  const id =
    made.status === 200
      ? made.body.experiment_id
      : (await calls.ok('GET', 'experiments/get-by-name?experiment_name=digits')).experiment.experiment_id;
  const { run } = await calls.ok('POST', 'runs/create', { experiment_id: id, run_name: name });
  await calls.ok('POST', 'runs/update', { run_id: run.info.run_id, status });
  return run.info.run_id;
}

/** The subject as a person sees it: long ones are folded, and packed as RFC 2047 says. */
const subjectOf = (head: string): string =>
  /^Subject: (.*(?:\r\n[ \t].*)*)/m
    .exec(head)![1]!
    .replace(/\?=\r\n =\?UTF-8\?Q\?/g, '')
    .replace(/^=\?UTF-8\?Q\?|\?=$/g, '')
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/g, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

describe('notices', () => {
  let mail: MailReceiver;
  let receiver: HookReceiver;
  let plane: TestPlane;
  let calls: ReturnType<typeof mlflowCalls>;
  const options = () => ({
    withRunner: false,
    publicUrl: 'https://updraft.example.org',
    allowHooksTo: ['127.0.0.1'],
    smtp: { host: '127.0.0.1', port: mail.port, from: 'updraft@example.org' },
  });
  beforeEach(async () => {
    [mail, receiver] = await Promise.all([startMailReceiver(), startReceiver()]);
  });
  afterEach(async () => {
    await plane?.remove();
    await Promise.all([mail.close(), receiver.close()]);
  });
  const begin = async (clock?: SetClock) => {
    plane = await startPlane(options(), undefined, undefined, clock);
    calls = mlflowCalls(plane);
  };
  const add = (notice: object) => plane.client.http.json<NoticeView>('POST', '/updraft/notices', notice);

  it('go by mail, with a link to the Studio, as text and as HTML in which nothing of a name counts', async () => {
    await begin();
    await add({ events: ['job.completed', 'job.failed'], email: 'ann@example.org' });
    const id = await endRun(calls, 'a "run" <b>&</b>\r\nBcc: eve@example.org');
    const [one] = await mail.until((all) => all.length === 1);
    assert.deepEqual([one!.from, one!.to], ['updraft@example.org', ['ann@example.org']]);
    const [head = '', ...body] = one!.text.split('\r\n\r\n');
    assert.equal(subjectOf(head), 'a "run" <b>&</b> Bcc: eve@example.org completed');
    assert.doesNotMatch(head, /^Bcc:/im);
    const text = body.join('\n\n').replaceAll('=\r\n', '').replaceAll('=3D', '=');
    assert.ok(text.includes(`https://updraft.example.org/studio/jobs/${id}?workspace=local`), text);
    assert.ok(text.includes('a &quot;run&quot; &lt;b&gt;&amp;&lt;/b&gt; Bcc: eve@example.org completed'), text);
  });

  it('go to Slack and to Teams in their own formats, in which nothing of a name counts', async () => {
    await begin();
    await add({ events: ['job.failed'], url: `${receiver.url}/slack`, format: 'slack' });
    await add({ events: ['job.failed'], url: `${receiver.url}/teams`, format: 'teams' });
    await endRun(calls, '<!channel> *run* [here](https://evil.example)', 'FAILED');
    const received = await receiver.until((all) => all.length === 2);
    const [slack, teams] = ['/slack', '/teams'].map((path) => received.find((each) => each.path === path)!.body);
    assert.equal(slack.text, '&lt;!channel&gt; *run* [here](https://evil.example) failed');
    assert.equal(slack.blocks[0].text.type, 'plain_text');
    assert.match(slack.blocks[1].text.text, /^<https:\/\/updraft\.example\.org\/studio\/jobs\/[^|]+\|Open it in the Studio>$/);
    const card = teams.attachments[0].content;
    assert.equal(card.type, 'AdaptiveCard');
    assert.deepEqual(
      card.body.map(({ type }: { type: string }) => type),
      card.body.map(() => 'RichTextBlock'),
    );
    assert.equal(card.body[0].inlines[0].text, '<!channel> *run* [here](https://evil.example) failed');
    assert.match(card.actions[0].url, /^https:\/\/updraft\.example\.org\/studio\/jobs\//);
  });

  it('tell of a job once, when it ends, and of versions of the model that was named', async () => {
    await begin();
    await add({ events: ['job.completed', 'model_version.created'], model: 'digits', url: receiver.url });
    const id = await endRun(calls, 'first');
    await calls.ok('POST', 'runs/set-tag', { run_id: id, key: 'after', value: 'the end' });
    for (const name of ['faces', 'digits']) {
      await calls.createModel(name);
      await calls.ok('POST', 'model-versions/create', { name, source: 's3://bucket/one' });
    }
    const received = await receiver.until((all) => all.length === 2);
    assert.deepEqual(
      received.map(({ body }) => [`${body.entity}.${body.action}`, body.data.name]),
      [
        ['job.completed', id],
        ['model_version.created', 'digits'],
      ],
    );
  });

  it('wait while the mail server refuses them, and say what it said', async () => {
    const clock = new SetClock('2026-11-27T08:00:00Z');
    await begin(clock);
    const { id } = await add({ events: ['job.completed'], email: 'ann@example.org' });
    mail.refuse({ code: 451, message: 'come back later' });
    await endRun(calls, 'first');
    const look = async (test: (notice: NoticeView) => boolean) =>
      afterChange(plane.client, async () =>
        (await plane.client.http.json<{ value: NoticeView[] }>('GET', '/updraft/notices')).value.find(
          (each) => each.id === id && test(each),
        ),
      );
    const { standing } = await look((each) => each.standing.failures === 1);
    assert.match(standing.lastError!, /127\.0\.0\.1 did not take the mail: .*come back later/);
    mail.refuse(undefined);
    clock.set(standing.nextTryAt!);
    await look((each) => each.standing.lastDeliveredAt !== undefined);
    assert.equal(mail.received.length, 1);
  });

  it('are sent by no server that does not encrypt, but on this machine', async () => {
    const server = { host: '127.0.0.1', port: mail.port, user: undefined, password: undefined, from: 'updraft@example.org' };
    const message = { title: 'A title', lines: ['A line'] };
    await assert.rejects(sendMail({ ...server, isLoopback: false }, ['ann@example.org'], message, 'id-1'), {
      code: 'WebhookUnreachable',
      message: /STARTTLS/,
    });
    assert.equal(mail.received.length, 0);
    await sendMail({ ...server, isLoopback: true }, ['ann@example.org'], message, 'id-2');
    assert.match(mail.received[0]!.text, /^Message-ID: <id-2@example\.org>$/m);
    await begin();
  });

  it('can be tried out, are listed without their address, and end when they are removed', async () => {
    await begin();
    const { id } = await add({ events: ['job.failed'], url: `${receiver.url}/hidden` });
    assert.deepEqual(await plane.client.http.json('POST', `/updraft/notices/${id}/test`, {}), { isDelivered: true, status: 204 });
    const { value } = await plane.client.http.json<{ value: NoticeView[] }>('GET', '/updraft/notices');
    assert.equal(value[0]!.to, new URL(receiver.url).host);
    assert.equal(JSON.stringify(value).includes('hidden'), false);
    await plane.client.http.send('DELETE', `/updraft/notices/${id}`);
    await endRun(calls, 'unseen', 'FAILED');
    await add({ events: ['job.failed'], url: `${receiver.url}/second` });
    await endRun(calls, 'seen', 'FAILED');
    const received = await receiver.until((all) => all.length === 2);
    assert.deepEqual(
      received.map((each) => each.path),
      ['/hidden', '/second'],
    );
  });

  const cancelJob = async (name: string, emailOn: string[]) => {
    const properties = { jobType: 'Command', command: 'true', environmentId: await shellEnvironment(plane.client) };
    await plane.client.putJob(name, {
      ...properties,
      notificationSetting: { emailOn, emails: ['ann@example.org', 'ben@example.org'] },
    } as JobProperties);
    await plane.client.cancelJob(name);
  };

  it('go by mail to those whom the file of a job names, for the ends that it names', async () => {
    await begin();
    await cancelJob('quiet', ['JobCompleted', 'JobFailed']);
    await cancelJob('told', ['JobCancelled']);
    const [one] = await mail.until((all) => all.length === 1);
    assert.deepEqual(one!.to, ['ann@example.org', 'ben@example.org']);
    assert.equal(subjectOf(one!.text), 'told was canceled');
    assert.equal(mail.received.length, 1);
    assert.deepEqual((await plane.client.getJob('told')).properties.notificationSetting, {
      emailOn: ['JobCancelled'],
      emails: ['ann@example.org', 'ben@example.org'],
    });
    await assert.rejects(
      plane.client.putJob('wrong', {
        jobType: 'Command',
        command: 'true',
        environmentId: await shellEnvironment(plane.client),
        notificationSetting: { emailOn: ['JobFailed'], emails: ['ann@example.org\r\nBcc: eve@example.org'] },
      } as JobProperties),
      { code: 'InvalidRequest', message: /notificationSetting\/emails/ },
    );
  });

  it('that a job asks for are missed once in the log where there is no mail server', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    const lines: string[] = [];
    const config = configOf({ ...options(), dataFolder: folder, smtp: {}, idleMinutes: 0 }, {});
    const own = await startControlPlane(
      config,
      '0.0.0-test',
      lineLogger((line) => lines.push(line)),
    );
    plane = { ...own, client: new PlaneClient(own), folder, remove: () => own.stop().then(() => rmSync(folder, { recursive: true })) };
    for (const name of ['one', 'two']) await cancelJob(name, ['JobCancelled']);
    const rows = async () => (await plane.client.http.json<{ value: unknown[] }>('GET', '/updraft/notices')).value;
    await assert.rejects(add({ events: ['job.failed'], email: 'ann@example.org' }), { code: 'NotImplemented', message: /no mail server/ });
    assert.deepEqual(await rows(), []);
    // A webhook that is told after both of them.
    await add({ events: ['job.canceled'], url: receiver.url });
    await cancelJob('three', ['JobCancelled']);
    await receiver.until((all) => all.length === 1);
    await plane.stop();
    assert.equal(lines.filter((line) => line.includes('has no mail server')).length, 1, lines.join('\n'));
  });

  it('say what is wrong with what was asked for', async () => {
    await begin();
    const wrong: [notice: object, message: RegExp][] = [
      [{ events: [], url: receiver.url }, /not valid at \/events/],
      [{ events: ['job.started'], url: receiver.url }, /not valid at \/events/],
      [{ events: ['job.failed'] }, /an address of the web or to an address of mail/],
      [{ events: ['job.failed'], url: receiver.url, email: 'ann@example.org' }, /an address of the web or to an address of mail/],
      [{ events: ['job.failed'], url: 'https://10.0.0.1/' }, /10\.0\.0\.1, which is no public address/],
      [{ events: ['job.failed'], url: receiver.url, format: 'slack', secret: 'a' }, /check no signature/],
      [{ events: ['job.failed'], email: 'ann@example.org, eve@example.org' }, /no address of mail/],
      [{ events: ['job.failed'], email: 'ann@example.org\r\nBcc: eve@example.org' }, /no address of mail/],
    ];
    for (const [notice, message] of wrong) await assert.rejects(add(notice), { code: 'InvalidRequest', message }, JSON.stringify(notice));
  });
});

describe('notices in a team', () => {
  let receiver: HookReceiver;
  let team: TeamPlane;
  beforeEach(async () => {
    receiver = await startReceiver();
    team = await startTeam(undefined, undefined, { allowHooksTo: ['127.0.0.1'] });
    await team.makeWorkspace('vision');
  });
  afterEach(async () => {
    await team.remove();
    await receiver.close();
  });
  const inVision = { 'x-mlflow-workspace': 'vision' };
  const subscribe = (send: Send, more: object = {}) =>
    send('POST', '/updraft/notices', { events: ['job.completed'], jobs: 'workspace', url: receiver.url, ...more }, inVision);
  const job = async (send: Send, name: string) => {
    const experiment = await send('POST', `/mlflow/v1.0${workspaceAt('vision')}/api/2.0/mlflow/experiments/create`, { name: `of ${name}` });
    const run = await send('POST', `/mlflow/v1.0${workspaceAt('vision')}/api/2.0/mlflow/runs/create`, {
      experiment_id: experiment.body.experiment_id,
      run_name: name,
    });
    const { run_id } = run.body.run.info;
    await send('POST', `/mlflow/v1.0${workspaceAt('vision')}/api/2.0/mlflow/runs/update`, { run_id, status: 'FINISHED' });
  };

  it('are for Readers too, while webhooks are not; each sees the own ones alone', async () => {
    const rita = await team.add('rita@example.org', 'Reader', 'vision');
    const ann = await team.add('ann@example.org', 'AzureML Data Scientist', 'vision');
    const [asRita, asAnn] = [team.as(rita.token.token), team.as(ann.token.token)];
    const made = await subscribe(asRita);
    assert.equal(made.status, 201, made.text);
    const webhook = {
      name: 'hook',
      url: receiver.url,
      secret: 'a hidden secret',
      events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
    };
    const to = `/mlflow/v1.0${workspaceAt('vision')}/api/2.0/mlflow/webhooks`;
    assert.equal((await asRita('POST', to, webhook)).status, 403);
    assert.equal((await asRita('GET', to)).status, 403);
    const created = await asAnn('POST', to, webhook);
    assert.equal(created.status, 200, created.text);
    assert.deepEqual((await asAnn('GET', '/updraft/notices', undefined, inVision)).body.value, []);
    assert.equal((await asAnn('DELETE', `/updraft/notices/${made.body.id}`, undefined, inVision)).status, 404);
    // Who changed what is in the audit log, and no secret is.
    const audit = await team.send('GET', '/updraft/audit');
    const lines = audit.body.value.filter(({ path }: { path: string }) => /webhooks|notices/.test(path));
    assert.ok(lines.some(({ who, outcome }: any) => who.name === 'ann@example.org' && outcome === 'done'));
    assert.ok(
      lines.some(
        ({ who, outcome, action }: any) => who.name === 'rita@example.org' && outcome === 'refused' && /connections\/write$/.test(action),
      ),
    );
    assert.equal(audit.text.includes('a hidden secret'), false);
    assert.equal(audit.text.includes(receiver.url), false);
  });

  it('end for who may not read the workspace any more', async () => {
    const [rita, olga, ann] = await Promise.all([
      team.add('rita@example.org', 'Reader', 'vision'),
      team.add('olga@example.org', 'Reader', 'vision'),
      team.add('ann@example.org', 'AzureML Data Scientist', 'vision'),
    ]);
    await subscribe(team.as(rita.token.token), { url: `${receiver.url}/rita` });
    await subscribe(team.as(olga.token.token), { url: `${receiver.url}/olga` });
    await job(team.as(ann.token.token), 'first');
    await receiver.until((all) => all.length === 2);
    assert.equal((await team.send('DELETE', `/updraft/team/members/${encodeURIComponent('rita@example.org')}`)).status, 200);
    await job(team.as(ann.token.token), 'second');
    await job(team.as(ann.token.token), 'third');
    const received = await receiver.until((all) => all.filter(({ path }) => path === '/olga').length === 3);
    assert.equal(received.filter(({ path }) => path === '/rita').length, 1);
  });

  it('tell who is mentioned in a comment, and nobody else, with the way to it', async () => {
    const [rita, olga, ann] = await Promise.all([
      team.add('rita@example.org', 'Reader', 'vision'),
      team.add('olga@example.org', 'Reader', 'vision'),
      team.add('ann@example.org', 'AzureML Data Scientist', 'vision'),
    ]);
    for (const [name, { token }] of Object.entries({ rita, olga }))
      await subscribe(team.as(token.token), { events: ['comment.mention'], url: `${receiver.url}/${name}` });
    await job(team.as(ann.token.token), 'first');
    const { value } = (await team.as(ann.token.token)('GET', `${workspaceAt('vision')}/jobs`)).body;
    const write = (text: string) => team.as(ann.token.token)('POST', `/updraft/comments/jobs/${value[0].name}`, { text }, inVision);
    assert.equal((await write('Looks good, @rita@example.org?')).status, 201);
    assert.equal((await write('And @olga@example.org?')).status, 201);
    const received = await receiver.until((all) => all.some(({ path }) => path === '/olga'));
    assert.deepEqual(
      received.map(({ path, body }) => [path, `${body.entity}.${body.action}`, body.data.by, body.data.text, body.data.on.name]),
      [
        ['/rita', 'comment.mention', 'ann@example.org', 'Looks good, @rita@example.org?', value[0].name],
        ['/olga', 'comment.mention', 'ann@example.org', 'And @olga@example.org?', value[0].name],
      ],
    );
    const message = noticeMessage(
      { event: 'comment.mention', data: received[0]!.body.data },
      {
        workspace: 'vision',
        publicUrl: 'https://updraft.example.org',
      },
    );
    assert.equal(message.title, 'ann@example.org mentions you in a comment');
    assert.equal(
      message.link,
      `https://updraft.example.org/studio/jobs/${value[0].name}?comment=${received[0]!.body.data.comment}&tab=comments&workspace=vision`,
    );
  });

  it('of the own jobs tell of nobody else', async () => {
    const ann = await team.add('ann@example.org', 'AzureML Data Scientist', 'vision');
    const ben = await team.add('ben@example.org', 'AzureML Data Scientist', 'vision');
    await subscribe(team.as(ann.token.token), { jobs: 'mine' });
    await job(team.as(ben.token.token), 'his');
    await job(team.as(ann.token.token), 'hers');
    const [one] = await receiver.until((all) => all.length > 0);
    assert.deepEqual([one!.body.data.display_name, one!.body.data.user, one!.body.workspace], ['hers', 'ann@example.org', 'vision']);
    assert.equal(receiver.received.length, 1);
  });
});
