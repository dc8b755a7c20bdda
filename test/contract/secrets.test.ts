import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import type { UserError } from '../../src/base/userError.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { configOf } from '../../src/server/config.ts';
import { type ControlPlane, startControlPlane } from '../../src/server/controlPlane.ts';
import { backupStore, restoreStore } from '../../src/store/maintenance/backupStore.ts';
import { PostgresServer, placeOf } from '../unit/store/postgresServer.ts';
import { wireEvent } from './hookCalls.ts';
import { type HookReceiver, signatureOf, startReceiver } from './hookReceiver.ts';

const secretText = 'the-secret-of-the-hub';
const workspace = workspacePath(defaultWorkspace);
const connection = {
  properties: { category: 'ApiKey', authType: 'ApiKey', target: 'https://hub.example.org', credentials: { key: secretText } },
};
const datastore = {
  properties: {
    datastoreType: 'AzureBlob',
    accountName: 'theirs',
    containerName: 'data',
    credentials: { credentialsType: 'AccountKey', secrets: { secretsType: 'AccountKey', key: secretText } },
  },
};
const aKey = () => randomBytes(32).toString('base64');

describe('secrets of connections and datastores', () => {
  const folders: string[] = [];
  const folder = () => {
    folders.push(mkdtempSync(path.join(tmpdir(), 'updraft-')));
    return folders.at(-1)!;
  };
  const onPostgres = process.env.UPDRAFT_TEST_STORE === 'postgres';
  let keyFile: string;
  let plane: ControlPlane | undefined;
  /** What the plane has said of secrets. */
  let said: string[] = [];
  let heard = () => {};
  const note = (line: string) => {
    said.push(line);
    heard();
  };
  const logger: Logger = {
    ...silentLogger,
    info: (line) => note(line),
    error: (_what, error) => note(String((error as Error).message)),
  };
  const saying = async (what: RegExp) => {
    while (!said.some((line) => what.test(line)))
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
  };
  const start = async (dataFolder: string, more: { secretsKeyFile?: string; team?: boolean } = {}) => {
    said = [];
    const { url, schema } = onPostgres ? placeOf(dataFolder) : { url: '', schema: '' };
    const database = onPostgres ? { database: `${url}?schema=${schema}`, secretsKeyFile: keyFile } : {};
    plane = await startControlPlane(
      configOf({ dataFolder, idleMinutes: 0, withRunner: false, allowHooksTo: ['127.0.0.1'], ...database, ...more }, {}),
      '0.0.0-test',
      logger,
    );
    return clientOf(plane);
  };
  /** A plane that is started again has the port of the one before: no connection is kept. */
  const clientOf = (to: ControlPlane) =>
    new PlaneClient({
      ...to,
      fetch: (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set('connection', 'close');
        return fetch(url, { ...init, headers });
      },
    }).http;
  /** What is said, and what to do. */
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => 'taken',
      (error: UserError) => `${error.message} ${error.hint}`,
    );
  const stop = async () => {
    await plane?.stop();
    plane = undefined;
  };
  const put = async (http: PlaneClient['http']) => {
    await http.json('PUT', `${workspace}/connections/hub`, connection);
    await http.json('PUT', `${workspace}/datastores/theirs`, datastore);
  };
  const shownBy = async (http: PlaneClient['http']) => {
    const [{ properties }, { key }] = await Promise.all([
      http.json<any>('POST', `${workspace}/connections/hub/listSecrets`),
      http.json<any>('POST', `${workspace}/datastores/theirs/listSecrets`, {}),
    ]);
    return [properties.credentials.key, key];
  };
  /** Whether a text is somewhere in a folder of a plane. */
  const isIn = (dataFolder: string, text: string) =>
    readdirSync(dataFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .some((entry) => readFileSync(path.join(entry.parentPath, entry.name)).includes(text));

  let receiver: HookReceiver;
  before(async () => {
    receiver = await startReceiver();
    keyFile = path.join(folder(), 'keys');
    writeFileSync(keyFile, `${aKey()}\n`);
  });
  afterEach(stop);
  after(async () => {
    await receiver.close();
    for (const each of folders) rmSync(each, { recursive: true, force: true });
  });

  it('are told by listSecrets alone, and lie encrypted in the data folder, whose key only its owner reads', async () => {
    const data = folder();
    const http = await start(data);
    await put(http);
    assert.deepEqual(await shownBy(http), [secretText, secretText]);
    for (const which of ['connections/hub', 'connections', 'datastores/theirs', 'datastores'])
      assert.doesNotMatch(JSON.stringify(await http.json('GET', `${workspace}/${which}`)), /sealed|secret-of/);
    await http.json('PATCH', `${workspace}/connections/hub`, { properties: { target: 'https://other.example.org' } });
    await stop();
    assert.deepEqual(await shownBy(await start(data)), [secretText, secretText]);
    await stop();
    assert.equal(isIn(data, secretText), false);
    if (!onPostgres) assert.equal(statSync(path.join(data, 'secrets-key')).mode & 0o777, 0o600);
  });

  it('take nothing that a client calls sealed for such', async () => {
    const http = await start(folder());
    const forged = { secrets: { key: 'abcdef01', sealed: 'AAAA' } };
    await http.json('PUT', `${workspace}/connections/hub`, { properties: { ...connection.properties, credentials: forged } });
    const { properties } = await http.json<any>('POST', `${workspace}/connections/hub/listSecrets`);
    assert.deepEqual(properties.credentials, forged);
  });

  it('are encrypted anew with the first key of the file, after which the old key can go', async () => {
    const data = folder();
    const file = path.join(folder(), 'keys');
    const [first, second] = [aKey(), aKey()];
    writeFileSync(file, `# of the first year\n${first}\n`);
    const before = await start(data, { secretsKeyFile: file });
    await put(before);
    const hook = { name: 'hook', url: `${receiver.url}/hook`, events: [wireEvent('registered_model.created')], secret: secretText };
    const { webhook } = await before.json<any>('POST', '/api/2.0/mlflow/webhooks', hook);
    const asked = { events: ['job.failed'], url: `${receiver.url}/notice`, format: 'json', secret: secretText };
    const notice = await before.json<any>('POST', '/updraft/notices', asked);
    await stop();
    writeFileSync(file, `${second}\n${first}\n`);
    const http = await start(data, { secretsKeyFile: file });
    await saying(/encrypted 4 secrets with the newest key/);
    assert.deepEqual(await shownBy(http), [secretText, secretText]);
    await stop();
    writeFileSync(file, `${second}\n`);
    const after = await start(data, { secretsKeyFile: file });
    assert.deepEqual(await shownBy(after), [secretText, secretText]);
    assert.equal((await after.json<any>('POST', `/api/2.0/mlflow/webhooks/${webhook.webhook_id}/test`, {})).result.success, true);
    assert.equal((await after.json<any>('POST', `/updraft/notices/${notice.id}/test`)).isDelivered, true);
    for (const each of await receiver.until((all) => all.length === 2))
      assert.equal(each.headers['x-mlflow-signature'], signatureOf(each, secretText));
  });

  it('whose key is gone are named in the log, refused with what to do, and can be entered again', async () => {
    const data = folder();
    const file = path.join(folder(), 'keys');
    writeFileSync(file, `${aKey()}\n`);
    await put(await start(data, { secretsKeyFile: file }));
    await stop();
    writeFileSync(file, `${aKey()}\n`);
    const http = await start(data, { secretsKeyFile: file });
    await saying(/the keys of 2 secrets are missing: local\/connections\/hub \(key [0-9a-f]{8}\), local\/datastores\/theirs/);
    assert.match(await refusal(shownBy(http)), /encrypted with the key [0-9a-f]{8}, which this server .* does not have\. Add that key to/);
    await put(http);
    assert.deepEqual(await shownBy(http), [secretText, secretText]);
  });

  // A database is backed up with its own tools.
  const itInFolders = onPostgres ? () => undefined : it;
  itInFolders('are in no backup but with their key beside it', async () => {
    const data = folder();
    await put(await start(data));
    await stop();
    const [copy, restored] = [path.join(folder(), 'backup'), path.join(folder(), 'restored')];
    await backupStore(data, copy);
    assert.equal(isIn(copy, secretText), false);
    assert.equal(readdirSync(copy).includes('secrets-key'), false);
    await restoreStore(copy, restored, false);
    assert.match(await refusal(shownBy(await start(restored))), /Add that key to .*secrets-key/);
    await stop();
    writeFileSync(path.join(restored, 'secrets-key'), readFileSync(path.join(data, 'secrets-key')));
    assert.deepEqual(await shownBy(await start(restored)), [secretText, secretText]);
  });

  for (const [what, text, message] of [
    ['no key', '# nothing\n', /has no key for secrets/],
    ['a short key', `${randomBytes(16).toString('base64')}\n`, /Line 1 of .* is no key for secrets: that is 32 bytes in Base64/],
    ['no Base64', `${aKey()}\nhello world, this is no key at all, is it\n`, /Line 2 of/],
  ] as const)
    it(`end the start with a message where the file has ${what}`, async () => {
      const file = path.join(folder(), 'keys');
      writeFileSync(file, text);
      await assert.rejects(start(folder(), { secretsKeyFile: file }), message);
    });

  it('are not kept on a database that other servers may share, without a key for all of them', async () => {
    const database = new PostgresServer();
    try {
      const config = configOf({ dataFolder: folder(), idleMinutes: 0, withRunner: false, database: `${database.url}?schema=team` }, {});
      plane = await startControlPlane(config, '0.0.0-test', logger);
      assert.match(await refusal(put(clientOf(plane))), /has no key for secrets.*--secrets-key-file/);
      await stop();
    } finally {
      await database.remove();
    }
  });
});
