import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Emitter } from '../../../src/base/event.ts';
import { CurrentWorkspace } from '../../../src/extension/state/planes/currentWorkspace.ts';
import { KnownPlanes } from '../../../src/extension/state/planes/knownPlanes.ts';
import { machinePlace, placeInLink, placeOf, settingOf } from '../../../src/extension/state/planes/place.ts';
import { Sessions, type SessionsChange } from '../../../src/extension/state/planes/sessions.ts';
import { seenText } from '../../../src/extension/views/seenText.ts';
import { MemorySecrets } from './memorySecrets.ts';

const team = 'https://updraft.example.org';

/** A setting of the editor. */
function setting(value: unknown) {
  const changes = new Emitter<void>();
  return {
    value,
    read() {
      return this.value;
    },
    async write(next: unknown) {
      this.value = next;
      changes.fire();
    },
    onDidChange: changes.event,
  };
}

describe('the place that a window is about', () => {
  it('is written as an address with a workspace, and nothing for this machine', () => {
    for (const place of [machinePlace, { plane: team, workspace: 'vision' }, { plane: 'http://127.0.0.1:8700', workspace: 'a.b-c_1' }])
      assert.deepEqual(placeOf(settingOf(place)), place);
    assert.deepEqual(placeOf(`${team}/vision/`), { plane: team, workspace: 'vision' });
  });

  it('is not believed of a folder that says something else', () => {
    for (const text of [
      'x',
      team,
      `${team}/`,
      `${team}/../x y`,
      'http://example.org/vision',
      'file:///etc/passwd',
      `https://a:b@c.org/w`,
      7,
      {},
    ])
      assert.equal(placeOf(text), undefined, String(text));
    const current = new CurrentWorkspace(setting('http://example.org/vision'));
    assert.deepEqual(current.place, machinePlace);
  });

  it('is told of when it is another one, by whomever it was changed', async () => {
    const kept = setting('');
    const current = new CurrentWorkspace(kept);
    const told: string[] = [];
    current.onDidChange((place) => told.push(settingOf(place)));
    await current.use({ plane: team, workspace: 'vision' });
    await kept.write(`${team}/speech`);
    await kept.write(`${team}/speech/`);
    await kept.write('nonsense');
    assert.deepEqual(told, [`${team}/vision`, `${team}/speech`, '']);
    assert.ok(current.isHere);
  });

  it('may stand in a link, beside what the page has', () => {
    const { place, rest } = placeInLink(`tab=log&plane=${encodeURIComponent(team)}&workspace=vision`);
    assert.deepEqual(place, { plane: team, workspace: 'vision' });
    assert.equal(rest, 'tab=log');
    assert.equal(placeInLink('tab=log').place, undefined);
    for (const query of [
      `plane=${team}`,
      `plane=http://evil.example&workspace=x`,
      `plane=javascript:x&workspace=x`,
      `plane=${team}&workspace=..`,
    ])
      assert.throws(() => placeInLink(query), { code: 'InvalidArgument' }, query);
  });
});

describe('the planes that a person has added', () => {
  it('have names, which other windows and hands may change; what is no address is left out', async () => {
    const kept = setting({
      [team]: 'Team',
      [`${team}/`]: 'again',
      'http://example.org': 'open to all',
      nonsense: 1,
      'https://b.example': '',
    });
    const known = new KnownPlanes(kept);
    assert.deepEqual(known.all, [
      { url: team, name: 'again' },
      { url: 'https://nonsense', name: 'nonsense' },
      { url: 'https://b.example', name: 'b.example' },
    ]);
    await known.remove(team);
    assert.equal(known.find(team), undefined);
    assert.equal(known.nameOf(team), 'updraft.example.org');
    await known.put({ url: team, name: 'Ours' });
    assert.equal(known.nameOf(team), 'Ours');
    assert.deepEqual(new KnownPlanes(setting(['x'])).all, []);
    assert.deepEqual(new KnownPlanes(setting(undefined)).all, []);
  });
});

describe('the sessions', () => {
  const session = (plane: string, id: string, token = 'secret') => ({ id, plane, member: { id: 'a', name: 'ann@example.org' }, token });

  it('are one a plane, kept as secrets, and told to every window that has asked', async () => {
    const secrets = new MemorySecrets();
    const [here, there, idle] = [new Sessions(secrets), new Sessions(secrets), new Sessions(secrets)];
    await Promise.all([here.all(), there.all()]);
    const told: SessionsChange[] = [];
    there.onDidChange((change) => told.push(change));
    await here.put(session(team, '1'));
    await here.put(session('https://b.example', '2'));
    await here.put(session(team, '3', 'other'));
    await here.remove('2');
    assert.deepEqual(
      (await here.all()).map(({ id }) => id),
      ['3'],
    );
    await until(() => told.length > 0 && told.at(-1)!.removed.some(({ id }) => id === '2'));
    assert.equal((await there.of(team))?.token, 'other');
    // A window that nobody asked has read nothing.
    const before = secrets.reads;
    idle.dispose();
    assert.equal(secrets.reads, before);
  });

  it('begin anew where something else was kept', async () => {
    const secrets = new MemorySecrets();
    secrets.kept.set('updraft.sessions', '{"from": "another version"}');
    const sessions = new Sessions(secrets);
    assert.deepEqual(await sessions.all(), []);
    await sessions.put(session(team, '1'));
    assert.equal((await sessions.of(team))?.id, '1');
  });

  it('that are written at the same time are all kept', async () => {
    const sessions = new Sessions(new MemorySecrets());
    await Promise.all(['a', 'b', 'c'].map((name) => sessions.put(session(`https://${name}.example`, name))));
    assert.equal((await sessions.all()).length, 3);
  });
});

describe('when a plane was seen', () => {
  it('is told as people say it', () => {
    const minute = 60_000;
    const at = (ms: number) => seenText(1_000_000_000 - ms, 1_000_000_000);
    assert.deepEqual(
      [0, minute, 5 * minute, 90 * minute, 50 * 60 * minute].map(at),
      ['just now', '1 minute ago', '5 minutes ago', '1 hour ago', '2 days ago'].map((text) => `last seen ${text}`),
    );
    assert.equal(at(-minute), 'last seen just now');
    assert.equal(seenText(undefined), 'does not answer');
  });
});

/** Settles when it holds: what tells of it has microtasks to go. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 1000, 'nothing was told');
    await Promise.resolve();
  }
}
