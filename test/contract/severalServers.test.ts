import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'mocha';
import pg from 'pg';
import { silentLogger } from '../../src/base/logger.ts';
import { editComment, getComment, listMentions, markMentions, writeComment } from '../../src/client/comments.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import type { JobProperties } from '../../src/protocol/job.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { scheduleProperty } from '../../src/protocol/schedule.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { type Runner, startRunner } from '../../src/runner/runner.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { first } from './first.ts';
import { component, jobWhen, logOf, shellEnvironment } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';
import { fewVariables } from './runnerElsewhere.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';
import { workspaceAt } from './team.ts';
import { writeIn } from './writeIn.ts';

/** The last term for which a server had the duties; 0: it never had them. */
const termOf = (server: PlaneServer): number => Number([...server.log().matchAll(/duties: taken, term (\d+)/g)].at(-1)?.[1] ?? 0);

describe('several servers of one plane', function () {
  this.timeout(60_000);
  let plane: Servers;
  /** Those that run, the one with the duties first. */
  let servers: PlaneServer[];
  let killedName: string;
  let runner: Runner;
  let environmentId: string;
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    ({ plane, servers } = await startServers(['one', 'two', 'three']));
    environmentId = await shellEnvironment(plane.client);
    runner = startRunner({
      client: plane.client,
      planeUrl: plane.balancer.url,
      folder: path.join(plane.folder, 'runner'),
      environment: fewVariables(),
      logger: silentLogger,
    });
    await Promise.race(servers.map(({ said }) => said('duties: taken')));
    const at = servers.findIndex((server) => server.log().includes('duties: taken'));
    servers.unshift(...servers.splice(at, 1));
  });
  after(async () => {
    await runner?.dispose();
    await plane?.remove();
  });
  const readers: ChangeStream[] = [];
  afterEach(() => {
    for (const each of readers.splice(0)) each.dispose();
  });

  /** A request to one server, with its answer read. */
  async function send(
    server: { url: string },
    token: string,
    method: string,
    to: string,
    body?: unknown,
  ): Promise<{ status: number; body: any }> {
    const response = await fetch(server.url + to, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
  }
  const query = async (sql: string, values: unknown[] = []): Promise<any[]> => {
    const client = new pg.Client({ connectionString: plane.database.url, options: '-c search_path=team' });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  /** Takes a server away as `end` says; answers the one that has taken over. */
  async function afterEndOf(server: PlaneServer, end: () => Promise<void>): Promise<PlaneServer> {
    const others = servers.filter((each) => each !== server);
    const before = Math.max(...servers.map(termOf));
    const begun = performance.now();
    await end();
    await Promise.race(others.map((each) => each.said(() => termOf(each) > before)));
    assert.ok(performance.now() - begun < 10_000);
    const next = others.find((each) => termOf(each) > before)!;
    servers = [next, ...others.filter((each) => each !== next)];
    return next;
  }
  const command = (more: Partial<JobProperties> = {}): JobProperties =>
    ({ jobType: 'Command', command: 'true', environmentId, ...more }) as JobProperties;

  it('have one identity, one token, and a list of workspaces that was made once', async () => {
    const health = await Promise.all(servers.map(async (server) => (await send(server, '', 'GET', '/health')).body.id));
    assert.equal(new Set(health).size, 1);
    assert.equal(new Set(servers.map(({ token }) => token)).size, 1);
    assert.equal(servers.filter((server) => server.log().includes('duties: taken')).length, 1);
    assert.deepEqual(await query("SELECT count(*)::int AS n FROM changes WHERE kind = 'workspace'"), [{ n: 1 }]);
  });

  it('say whether they are ready, which needs the database', async () => {
    for (const server of servers) assert.deepEqual(await send(server, '', 'GET', '/ready'), { status: 200, body: { status: 'ready' } });
  });

  it('know on each what was written on another: members, tokens, what is taken away, workspaces, jobs', async () => {
    const [a, b] = [servers[0]!, servers[1]!];
    for (let i = 0; i < 10; i++) {
      const name = `v${i}`;
      assert.equal((await send(a, plane.token, 'PUT', workspaceAt(name), { location: 'local' })).status, 201);
      const added: Required<Required<AddedMember>> = (
        await send(b, plane.token, 'POST', '/updraft/team/members', {
          kind: 'user',
          name: `ann${i}@example.org`,
          role: 'Contributor',
          workspace: name,
        })
      ).body;
      const { id, token } = added.token;
      assert.equal(
        (await send(a, token, 'PUT', `${workspaceAt(name)}/environments/e/versions/1`, { properties: { image: 'x' } })).status,
        201,
      );
      assert.equal((await send(b, token, 'GET', `${workspaceAt(name)}/environments/e/versions/1`)).status, 200);
      const logged = await send(b, token, 'POST', '/api/2.0/mlflow/experiments/create', { name: 'from b' });
      assert.equal(logged.status, 200, JSON.stringify(logged.body));
      assert.equal((await send(a, token, 'GET', '/api/2.0/mlflow/experiments/get-by-name?experiment_name=from%20b')).status, 200);
      assert.equal((await send(a, plane.token, 'DELETE', `/updraft/team/tokens/${id}`)).status, 204);
      assert.equal((await send(b, token, 'GET', `${workspaceAt(name)}/environments/e/versions/1`)).status, 401);
    }
  });

  it('tell on each of a comment that was written on another, and whom it mentions', async () => {
    const [a, b] = [servers[0]!, servers[1]!];
    const add = async (name: string): Promise<string> =>
      (
        await send(a, plane.token, 'POST', '/updraft/team/members', {
          kind: 'user',
          name,
          role: 'AzureML Data Scientist',
          workspace: 'local',
        })
      ).body.token.token;
    const [ann, rita] = [await add('ann@talk.example.org'), await add('rita@talk.example.org')];
    const at = (server: PlaneServer, token: string) => new PlaneClient({ url: server.url, token });
    const stream = new ChangeStream(at(b, rita).http, { kinds: ['comment', 'mention'] });
    readers.push(stream);
    await stream.settled;
    const told = new Promise<string[]>((resolve) => {
      const kinds: string[] = [];
      stream.onDidChange(({ kind }) => kinds.push(kind) === 2 && resolve(kinds));
    });
    const run = await send(a, ann, 'POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    const on = { kind: 'jobs', name: run.body.run.info.run_id } as const;
    const { id } = await writeComment(at(a, ann).http, on, { text: 'look, @rita@talk.example.org' });
    assert.deepEqual((await told).sort(), ['comment', 'mention']);
    assert.equal((await getComment(at(b, rita).http, on, id)).text, 'look, @rita@talk.example.org');
    assert.equal((await listMentions(at(b, rita).http)).unread, 1);
    await markMentions(at(b, rita).http, { isRead: true });
    assert.equal((await listMentions(at(a, rita).http)).unread, 0);
    await editComment(at(b, ann).http, on, id, 'never mind');
    assert.deepEqual(await listMentions(at(a, rita).http), { value: [], unread: 0 });
  });

  it('take blocks of an upload, its list, and reads of it each on another', async () => {
    const { sasToken } = (await send(servers[0]!, plane.token, 'POST', `${workspaceAt('local')}/datastores/workspaceblobstore/listSecrets`))
      .body;
    const at = (server: PlaneServer, more: string) => `${server.url}/${blobContainer}/parts.txt?${more}${sasToken}`;
    const [a, b, c] = servers as [PlaneServer, PlaneServer, PlaneServer];
    const put = async (to: string, body: string) => assert.equal((await fetch(to, { method: 'PUT', body })).status, 201);
    await put(at(b, `comp=block&blockid=${btoa('1')}&`), 'one ');
    await put(at(c, `comp=block&blockid=${btoa('2')}&`), 'two');
    await put(at(a, 'comp=blocklist&'), `<BlockList><Latest>${btoa('1')}</Latest><Latest>${btoa('2')}</Latest></BlockList>`);
    for (const server of servers) assert.equal(await (await fetch(at(server, ''))).text(), 'one two');
  });

  it('run a job whose runner, client and log each come by any of them', async () => {
    const work = path.join(plane.folder, 'work');
    writeIn(work, 'say.txt', 'from the snapshot');
    const file = writeIn(
      work,
      'job.yml',
      'type: command\ncode: .\ncommand: cat say.txt; echo result > ${{outputs.out}}/result.txt\nenvironment: azureml:shell:1\noutputs: {out: {type: uri_folder}}\n',
    );
    const { name } = (await submitJob({ client: plane.client, file })).job;
    const job = await jobWhen(plane.client, name);
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    for (let step = 0; step < 6; step++)
      await plane.client.logBatch(name, { metrics: [{ key: 'loss', value: 1 / (step + 1), timestamp: step, step }] });
    await plane.client.appendLog(name, 'logs/own.txt', 0, Buffer.from('one\n'));
    await plane.client.appendLog(name, 'logs/own.txt', 4, Buffer.from('two\n'));
    for (const server of servers) {
      assert.match(await logOf(server.client, name), /from the snapshot/);
      assert.deepEqual([...(await server.client.metricSeries(name, ['loss'], 100)).series[0]!.steps], [0, 1, 2, 3, 4, 5]);
      assert.equal(Buffer.from(await server.client.readLog(name, 'logs/own.txt')).toString(), 'one\ntwo\n');
      const { entries } = (await send(server, plane.token, 'GET', `/updraft/artifacts/${name}?path=logs`)).body;
      assert.deepEqual(
        entries.map((each: { path: string }) => each.path),
        ['own.txt'],
      );
    }
  });

  it('go on when the one with the duties is killed: a pipeline, a schedule that fires once, and a feed that misses and doubles nothing', async () => {
    const since = await plane.client.status();
    const reader = new ChangeStream(plane.client.http, { since: { plane: since.id, epoch: since.epoch, seq: since.seq } });
    readers.push(reader);
    const seen: number[] = [];
    let resets = 0;
    reader.onDidChange(({ seq }) => seen.push(seq));
    reader.onDidReset(() => resets++);
    const gate = path.join(plane.folder, 'gate');
    const environment = `azureml:${environmentId}`;
    const waits = await component(plane.client, 'waits', {
      command: `touch ${gate}.begun; until [ -e ${gate} ]; do sleep 0.1; done; echo through > \${{outputs.out}}/t`,
      environment,
      outputs: { out: { type: 'uri_folder' } },
    });
    const reads = await component(plane.client, 'reads', {
      command: 'cat ${{inputs.data}}/t',
      environment,
      inputs: { data: { type: 'uri_folder' } },
    });
    const begun = first(reader.onDidChange, ({ id }) => id === 'flow-one');
    await plane.client.putJob('flow', {
      jobType: 'Pipeline',
      jobs: {
        one: { type: 'command', componentId: waits },
        two: {
          type: 'command',
          componentId: reads,
          inputs: { data: { job_input_type: 'literal', value: '${{parent.jobs.one.outputs.out}}' } },
        },
      },
    });
    await begun;
    await jobWhen(plane.client, 'flow-one', ({ properties }) => properties.status === 'Running');
    // Put on a server that has no duties, and due while nobody has them.
    await servers[1]!.client.putSchedule('nightly', {
      trigger: { triggerType: 'Cron', expression: '0 0 1 1 *' },
      action: { actionType: 'CreateJob', jobDefinition: command() },
      isEnabled: true,
    } as never);
    const killed = servers[0]!;
    killedName = killed.name;
    const written: string[] = [];
    let isOver = false;
    const writing = (async () => {
      for (let i = 0; !isOver; i++) {
        const done = await plane.client
          .appendLog('flow', 'logs/writer.txt', written.join('').length, Buffer.from(`${i}\n`))
          .catch(() => undefined);
        if (done) written.push(`${i}\n`);
        else i--;
      }
    })();
    await afterEndOf(killed, async () => {
      await killed.kill();
      await query("UPDATE resources SET properties = replace(properties, $1, $2) WHERE kind = 'schedules' AND name = 'nightly'", [
        (await servers[1]!.client.getSchedule('nightly')).properties.properties![scheduleProperty.next]!,
        new Date().toISOString(),
      ]);
    });
    writeFileSync(gate, '');
    const flow = await jobWhen(plane.client, 'flow');
    assert.equal(flow.properties.status, 'Completed', JSON.stringify(flow.properties.error));
    assert.match(await logOf(plane.client, 'flow-two'), /through/);
    const started = async () => (await plane.client.listJobs({ schedule: 'nightly' })).value.map(({ name }) => name);
    if ((await started()).length === 0) await first(reader.onDidChange, ({ id }) => id.startsWith('nightly-'));
    const [name, ...others] = await started();
    assert.deepEqual(others, []);
    assert.equal((await jobWhen(plane.client, name!)).properties.status, 'Completed');
    const { properties } = (await plane.client.getSchedule('nightly')).properties;
    assert.ok(Date.parse(properties![scheduleProperty.next]!) > Date.now());
    isOver = true;
    await writing;
    assert.ok(written.length > 0);
    assert.equal(Buffer.from(await plane.client.readLog('flow', 'logs/writer.txt')).toString(), written.join(''));
    // The feed, up to a last change.
    const last = first(reader.onDidChange, ({ id }) => id === 'last:1');
    await plane.client.putAsset('environments', 'last', '1', { image: 'x' });
    const { seq } = await last;
    const all = await query(
      "SELECT seq::int FROM changes WHERE seq > $1 AND seq <= $2 AND (workspace = 'local' OR workspace IS NULL OR workspace = '' OR kind = 'audit') ORDER BY seq",
      [since.seq, seq],
    );
    assert.deepEqual(
      seen.filter((each) => each <= seq),
      all.map((each) => each.seq),
    );
    assert.equal(resets, 0);
    assert.ok(existsSync(`${gate}.begun`));
  });

  it('take over from one that sleeps, which does nothing any more when it wakes up', async () => {
    const third = await plane.start(killedName);
    servers.push(third);
    const asleep = servers[0]!;
    const next = await afterEndOf(asleep, async () => {
      plane.leave(asleep);
      asleep.signal('SIGSTOP');
    });
    asleep.signal('SIGCONT');
    await asleep.said('duties: lost');
    assert.ok(!next.log().includes('duties: lost'));
    // It is as good as any other for requests.
    assert.equal((await send(asleep, plane.token, 'GET', '/status')).status, 200);
    servers.push(asleep);
  });

  it('give the duties back at an ordinary end, and answer what they were asked before it', async () => {
    // Also where the machine was so busy that they have moved by themselves.
    const ending = servers.reduce((one, other) => (termOf(other) > termOf(one) ? other : one));
    await plane.client.putJob('slow', command({ command: 'sleep 600' } as never));
    const asked = request(`${ending.url}/updraft/logs/slow/${logFile.replace('std_log', 'sent')}?offset=0`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, expect: '100-continue', 'transfer-encoding': 'chunked' },
    });
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    asked.flushHeaders();
    // The server has the request, and waits for its body.
    await once(asked, 'continue');
    asked.write('first half, ');
    let ended: Promise<void> | undefined;
    const begun = performance.now();
    await afterEndOf(ending, async () => {
      plane.leave(ending);
      ended = ending.stop();
    });
    // Nobody had to wait for the end of the lease.
    assert.ok(performance.now() - begun < 4000);
    await assert.rejects(fetch(`${ending.url}/health`), 'it takes no more');
    asked.end('second half');
    const [answer] = await answered;
    assert.deepEqual([answer.statusCode, JSON.parse(await text(answer))], [200, { size: 23 }]);
    await ended;
    await plane.client.cancelJob('slow');
  });

  it('are not ready while the database is away, and are again when it is back', async () => {
    const [server] = servers as [PlaneServer];
    await plane.database.stop('QUIT');
    const away = await send(server, '', 'GET', '/ready');
    assert.deepEqual([away.status, away.body.why], [503, 'The database does not answer.']);
    assert.equal((await send(server, '', 'GET', '/health')).status, 200);
    plane.database.start();
    // A request waits for it.
    await server.client.status();
    assert.equal((await send(server, '', 'GET', '/ready')).status, 200);
  });

  it('have one audit log, to which each adds', async () => {
    const { lines, problems } = (await send(servers[0]!, plane.token, 'GET', '/updraft/audit/verify')).body;
    assert.ok(lines > 10);
    assert.deepEqual(problems, []);
  });

  it('refuse to be joined by a server that would see other contents, or sign with another token; a new token ends the others', async () => {
    const refused = (options: string[], environment: Record<string, string> = {}) =>
      startPlaneProcess(
        path.join(plane.folder, `refused${Math.random()}`),
        ['--team', '--database', `${plane.database.url}?schema=team`, ...options],
        environment,
      );
    await assert.rejects(refused([]), /The contents of this control plane are in http/);
    const tokenFile = writeIn(plane.folder, 'token.txt', 'a'.repeat(40));
    await assert.rejects(plane.start('other', ['--token-file', tokenFile]), /has another token/);
    await assert.rejects(plane.start('other', ['--token-file', writeIn(plane.folder, 'short.txt', 'short')]), /has no token/);
    const renewed = await plane.start('other', ['--token-file', tokenFile, '--new-token']);
    assert.equal(renewed.token, 'a'.repeat(40));
    await Promise.all(servers.map(({ said }) => said('has a new token, which this server does not')));
    // Given in a file, it is not kept in the database.
    assert.deepEqual(await query('SELECT token FROM plane'), [{ token: null }]);
    await assert.rejects(plane.start('another'), /is not kept in its database/);
    assert.equal((await new PlaneClient(renewed).status()).isTeam, true);
  });
});
