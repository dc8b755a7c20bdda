import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { UserError } from '../../../src/base/userError.ts';
import { readServeFile } from '../../../src/cli/serveFile.ts';
import { configOf } from '../../../src/server/config.ts';
import type { SignInOptions } from '../../../src/server/signIn/settings.ts';

describe('the configuration of updraft serve', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    file = path.join(folder, 'team.yml');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string) => {
    writeFileSync(file, text);
    return readServeFile(file);
  };

  it('has each option by the name of its key', () => {
    const options = read(`
publicUrl: https://updraft.example.org
port: 8700
listenAll: true
tokenFile: token
auditDays: 30
allowHooksTo: [hooks.lan, 10.1.0.0/16]
smtp:
  host: smtp.example.org
  port: 465
  user: updraft
  passwordFile: secrets/smtp
  from: updraft@example.org
database: postgres://updraft@db.example.org/updraft
blobs: s3://contents
signIn:
  issuer: https://login.example.org
  clientId: abc
  clientSecretFile: secrets/client
  scopes: [openid, email]
  groupsClaim: roles
  allowed:
    domains: [example.org]
    groups: [ml-team]
  name: Example ID
`);
    assert.deepEqual(options, {
      publicUrl: 'https://updraft.example.org',
      port: 8700,
      listenAll: true,
      tokenFile: path.join(folder, 'token'),
      auditDays: 30,
      allowHooksTo: ['hooks.lan', '10.1.0.0/16'],
      smtp: {
        host: 'smtp.example.org',
        port: 465,
        user: 'updraft',
        passwordFile: path.join(folder, 'secrets/smtp'),
        from: 'updraft@example.org',
      },
      database: 'postgres://updraft@db.example.org/updraft',
      blobs: 's3://contents',
      signIn: {
        issuer: 'https://login.example.org',
        clientId: 'abc',
        clientSecretFile: path.join(folder, 'secrets/client'),
        scopes: ['openid', 'email'],
        groupsClaim: 'roles',
        allowedDomains: ['example.org'],
        allowedGroups: ['ml-team'],
        providerName: 'Example ID',
      },
    });
    assert.deepEqual(read(''), {});
  });

  const wrong: [text: string, line: number, message: RegExp, hint: RegExp][] = [
    ['publicURL: https://x', 1, /There is no key "publicURL"/, /Did you mean "publicUrl"/],
    ['port: 1\nsignIn:\n  isuer: x', 3, /no key "signIn\.isuer"/, /"issuer"/],
    ['signIn:\n  clientSecret: x', 2, /would have a secret in this file/, /clientSecretFile/],
    ['token: x', 1, /would have a secret/, /file of its own/],
    ['port: many', 1, /"port" is no port/, /8700/],
    ['port: 70000', 1, /"port" is no port/, /8700/],
    ['\n\npublicUrl: 7', 3, /"publicUrl" is no text/, /publicUrl: TEXT/],
    ['listenAll: yes', 1, /neither true nor false/, /listenAll: true/],
    ['auditDays: x', 1, /no number of days/, /365/],
    ['signIn: yes', 1, /"signIn" is no map of keys/, /KEY: VALUE/],
    ['signIn:\n  scopes: openid', 2, /"signIn\.scopes" is no list/, /\[ONE, ANOTHER\]/],
    ['signIn:\n  allowed:\n    domains: [1]', 3, /"signIn\.allowed\.domains" is no text/, /./],
    ['signIn:\n  allowed:\n    people: [ann]', 3, /no key "signIn\.allowed\.people"/, /domains, groups/],
    ['database: postgres://u:p@h/d', 1, /"database" has a password in it/, /PGPASSWORD/],
    ['- a', 1, /The configuration is no map of keys/, /KEY: VALUE/],
    ['port: 1\nport: 2', 2, /unique/i, /YAML/],
    ['a: [', 1, /./, /YAML/],
    ['__proto__: x', 1, /There is no key "__proto__"/, /./],
  ];
  for (const [text, line, message, hint] of wrong)
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => read(text),
        (error) => {
          assert.ok(error instanceof UserError);
          assert.match(error.message, message);
          assert.match(error.hint ?? '', hint);
          assert.deepEqual(error.place, { file, line });
          return true;
        },
      );
    });

  it('says what is wrong with a provider, wherever that is said', () => {
    writeFileSync(path.join(folder, 'empty'), '\n');
    const right: SignInOptions = { issuer: 'https://login.example.org', clientId: 'abc' };
    const of = (signIn: SignInOptions, more: Parameters<typeof configOf>[0] = { team: true }) =>
      configOf({ dataFolder: folder, ...more, signIn }, { UPDRAFT_CLIENT_SECRET: 'from the environment' });
    assert.equal(of(right).signIn?.clientSecret, 'from the environment');
    assert.equal(of({}).signIn, undefined);
    assert.ok(!('UPDRAFT_CLIENT_SECRET' in of(right).environment), 'it is not for jobs');
    for (const [signIn, why, more] of [
      [{ clientId: 'abc' }, /no issuer/],
      [{ issuer: 'https://login.example.org' }, /no client id/],
      [{ ...right, issuer: 'http://login.example.org' }, /is no issuer/],
      [{ ...right, issuer: 'https://login.example.org?x' }, /is no issuer/],
      [{ ...right, issuer: 'login.example.org' }, /is no issuer/],
      [{ ...right, issuer: 'https://login.microsoftonline.com/common/v2.0' }, /for every tenant of Entra/],
      [{ ...right, issuer: 'https://login.microsoftonline.us/organizations/v2.0' }, /for every tenant of Entra/],
      [{ ...right, clientSecretFile: path.join(folder, 'nothing') }, /can't be read from .*nothing \(ENOENT\)/],
      [{ ...right, clientSecretFile: path.join(folder, 'empty') }, /has no secret in it/],
      [{ ...right, allowedDomains: ['*'] }, /no domain of mail/],
      [{ ...right, allowedDomains: ['com'] }, /no domain of mail/],
      [right, /one person's has no sign-in/, {}],
      [right, /in the clear/, { team: true, publicUrl: 'http://updraft.example.org' }],
    ] as [SignInOptions, RegExp, Parameters<typeof configOf>[0]?][])
      assert.throws(
        () => of(signIn, more),
        (error) => error instanceof UserError && why.test(error.message) && !!error.hint,
        String(why),
      );
  });
});
