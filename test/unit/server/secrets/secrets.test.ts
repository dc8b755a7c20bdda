import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { Secrets } from '../../../../src/server/secrets/secrets.ts';

const key = (id: string) => ({ id, bytes: randomBytes(32) });
const withKeys = (...keys: ReturnType<typeof key>[]) => new Secrets({ all: () => keys, place: 'the file' });

describe('a sealed secret', () => {
  const [old, young] = [key('old'), key('young')];
  const secrets = withKeys(old);
  const value = { user: 'Ärger', password: '\u0000"' };

  it('is opened as it was, by every key of the file', () => {
    const sealed = secrets.seal(value, 'a/connections/hub');
    assert.deepEqual(secrets.open(sealed, 'a/connections/hub'), value);
    assert.deepEqual(withKeys(young, old).open(sealed, 'a/connections/hub'), value);
    assert.equal(withKeys(young, old).isNewest(sealed), false);
    assert.equal(withKeys(old, young).isNewest(sealed), true);
  });

  it('is another one each time', () => {
    assert.notEqual(secrets.seal(value, 'place').sealed, secrets.seal(value, 'place').sealed);
  });

  it('is not opened at another place, with a changed bit, cut short, or with another key of that id', () => {
    const sealed = secrets.seal(value, 'a/connections/hub');
    const bytes = Buffer.from(sealed.sealed, 'base64');
    const moved = [() => secrets.open(sealed, 'b/connections/hub')];
    const changed = [...bytes.keys()].map((at) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      return () => secrets.open({ ...sealed, sealed: copy.toString('base64') }, 'a/connections/hub');
    });
    const cut = [...bytes.keys()].map(
      (size) => () => secrets.open({ ...sealed, sealed: bytes.subarray(0, size).toString('base64') }, 'a/connections/hub'),
    );
    const other = [() => withKeys({ ...key('old') }).open(sealed, 'a/connections/hub')];
    for (const open of [...moved, ...changed, ...cut, ...other]) assert.throws(open, /was changed in the database, or moved/);
    assert.throws(() => withKeys(young).open(sealed, 'a/connections/hub'), /encrypted with the key old/);
  });
});
