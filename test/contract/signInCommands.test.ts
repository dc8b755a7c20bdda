import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { SmallBrowser } from './smallBrowser.ts';
import { bundle, type Finished, updraft } from './updraft.ts';

describe('the commands of sign-in', () => {
  let home: string;
  let laptop: string;
  let provider: TestProvider;
  let plane: PlaneProcess;
  let server: string;
  before(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    laptop = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    provider = await startIdentityProvider();
    provider.people.ann = { email: 'ann@example.org', email_verified: true, name: 'Ann' };
    writeFileSync(path.join(home, 'secret'), `${provider.clientSecret}\n`);
    const config = path.join(home, 'team.yml');
    writeFileSync(
      config,
      `signIn:\n  issuer: ${provider.issuer}\n  clientId: ${provider.clientId}\n  clientSecretFile: secret\n  name: Test ID\n`,
    );
    plane = await startPlaneProcess(home, ['--team', '--config', config]);
    server = plane.client.http.url;
    await provider.open(server);
  });
  after(async () => {
    await plane?.stop();
    await provider?.close();
    for (const folder of [home, laptop]) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  /** On the machine of the plane, as who operates it. */
  const operate = (...args: string[]): Promise<Finished> => updraft(home, args);
  /** On another machine. */
  const run = (...args: string[]): Promise<Finished> =>
    updraft(laptop, args, { env: { MLFLOW_TRACKING_TOKEN: undefined, MLFLOW_TRACKING_URI: undefined } });
  async function ok(finished: Promise<Finished>): Promise<string> {
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 0, stderr);
    return stdout;
  }
  const servers = path.join('config', 'servers.json');

  /** Starts `updraft login`, and enters its code as somebody. */
  async function login(as: string): Promise<Finished> {
    const child = spawn(process.execPath, [bundle, 'login', '--server', server, '--no-browser'], {
      env: { ...process.env, UPDRAFT_HOME: laptop, UPDRAFT_CONFIG: path.join(laptop, 'config') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    const shown = Promise.withResolvers<void>();
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (/enter the code \S+:[\s\S]*http\S+\n/.test(stderr)) shown.resolve();
    });
    const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
    await Promise.race([shown.promise, finished]);
    const [, code, address] = /enter the code (\S+):\s+(http\S+)/.exec(stderr) ?? [];
    assert.ok(code && address, stderr);
    const browser = new SmallBrowser();
    const first = await browser.go(address);
    const confirm = await browser.submit(first, { user_code: code });
    await answerProvider(browser, provider, confirm, as);
    return finished;
  }

  it('add people who sign in, and print no token for them', async () => {
    const init = await ok(operate('team', 'init', 'olga@example.org', '--at-once'));
    assert.match(init, /There is no token: sign in at http\S+\/studio, or with "updraft login --server http/);
    await ok(operate('workspace', 'create', '--name', 'vision'));
    const ann = await ok(operate('team', 'add', 'ann@example.org', '--role', 'Reader', '--workspace', 'vision'));
    assert.doesNotMatch(ann, /updraft_/);
    assert.match(await ok(operate('team', 'add', 'ml-team', '--group', '--role', 'Reader')), /the identity provider says at each sign-in/);
    assert.match(await ok(operate('team', 'list')), /ml-team +group +Reader/);
  });

  it('sign in by a code, keep the token for the server, and work there', async () => {
    await ok(run('remote', 'add', 'lab', server));
    const before = await run('job', 'list', '--server', 'lab');
    assert.equal(before.code, 1);
    assert.match(before.stderr, /You are not signed in to http.*\n.*updraft login --server http/);
    const { code, stdout, stderr } = await login('ann');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Signed in to http:\S+ as ann@example\.org, until \d{4}-/);
    const file = path.join(laptop, servers);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { token } = JSON.parse(readFileSync(file, 'utf8')).servers[server];
    assert.ok(!stdout.includes(token) && !stderr.includes(token));

    const who = await ok(run('whoami'));
    assert.match(who, /name +ann@example\.org\ncalled +Ann\n/);
    assert.match(who, /roles +Reader \(vision\)/);
    // She sees one workspace, and so she means that one.
    assert.match(await ok(run('job', 'list')), /There are no jobs|no job/i);
    assert.match(await ok(run('workspace', 'list')), /vision/);
    const created = await run('environment', 'create', '--name', 'x', '--image', 'ubuntu:22.04');
    assert.equal(created.code, 1);
    assert.match(created.stderr, /does not have authorization to perform action/);
    const other = await updraft(laptop, ['whoami', '--server', server], {
      env: { MLFLOW_TRACKING_TOKEN: 'of another', MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' },
    });
    assert.match(other.stdout, /ann@example\.org/, 'a token for another server is not sent to this one');
    const env = await ok(run('env'));
    assert.ok(env.includes(`MLFLOW_TRACKING_TOKEN='${token}'`));
    assert.match((await run('env', '--azure')).stderr, /talk https alone, and http:.* is not published by https/);
    assert.match(await ok(run('whoami', '--server', 'lab')), /ann@example\.org/, 'a plane is known by its name, too');
    const local = await run('whoami', '--server', 'local');
    assert.match(local.stderr, /does not run on this machine/);
  });

  it('sign out here and there', async () => {
    const { token } = JSON.parse(readFileSync(path.join(laptop, servers), 'utf8')).servers[server];
    assert.match(await ok(run('logout')), /Signed out of http/);
    const asked = await fetch(`${server}/version`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(asked.status, 401);
    assert.doesNotMatch(readFileSync(path.join(laptop, servers), 'utf8'), /updraft_/);
    assert.match((await run('whoami')).stderr, /does not run on this machine/);
    assert.match((await run('logout')).stderr, /There is no sign-in to end/);
    assert.match(await ok(run('remote', 'list')), /^lab +http/m, 'its name stays');
  });

  it('say what is wrong: no member, no address, no sign-in there, a broken list', async () => {
    provider.people.eve = { email: 'eve@example.org', email_verified: true };
    const eve = await login('eve');
    assert.equal(eve.code, 1);
    assert.match(eve.stderr, /eve@example\.org is no member of this team/);
    for (const [why, ...args] of [
      [/in the clear to http:\/\/updraft\.example\.org/, 'login', '--server', 'http://updraft.example.org'],
      [/no address of a control plane/, 'login', '--server', 'https://x/path'],
      [/127\.0\.0\.1:9 does not answer/, 'login', '--server', 'http://127.0.0.1:9'],
    ] as [RegExp, ...string[]][]) {
      const { code, stderr } = await run(...args);
      assert.ok(code === 1 || code === 2, stderr);
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    writeFileSync(path.join(laptop, servers), '{"servers": 7}');
    chmodSync(path.join(laptop, servers), 0o600);
    assert.match((await run('whoami')).stderr, /can't be read as a list of control planes/);
    rmSync(path.join(laptop, servers));
  });

  it('make secrets for programs, list and revoke them', async () => {
    await ok(operate('team', 'add', 'nightly', '--service', '--role', 'Reader'));
    const made = await ok(operate('team', 'secret', 'create', 'nightly', '--name', 'ci', '--days', '30'));
    assert.match(
      made,
      /AZURE_AUTHORITY_HOST='http[^']+'\n.*AZURE_TENANT_ID='[^']+'\n.*AZURE_CLIENT_ID='[-0-9a-f]{36}'\n.*AZURE_CLIENT_SECRET='secret_/,
    );
    const id = /^(\S+) +ci +nightly /m.exec(await ok(operate('team', 'secret', 'list')))![1]!;
    assert.match(await ok(operate('team', 'secret', 'revoke', id)), /opens nothing any more/);
    assert.match(await ok(operate('team', 'secret', 'list')), /There is no secret/);
  });

  it('start no control plane with a configuration that is wrong', async () => {
    const file = path.join(home, 'wrong.yml');
    writeFileSync(file, 'signIn:\n  issuer: https://login.example.org\n  clientSecret: hunter2\n');
    const { code, stderr } = await updraft(home, ['serve', '--team', '--data', path.join(home, 'other'), '--config', file]);
    assert.equal(code, 1);
    assert.match(stderr, /wrong\.yml:3: "signIn\.clientSecret" would have a secret in this file/);
  });
});
