import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { parse, parseAllDocuments } from 'yaml';
import { runCommand } from '../../scripts/runCommand.ts';
import { commands } from '../../src/cli/commands.ts';
import { findCommand } from '../../src/cli/findCommand.ts';
import { parseWords } from '../../src/cli/parseWords.ts';
import { readServeFile } from '../../src/cli/serveFile.ts';
import { configOf } from '../../src/server/config.ts';

const deploy = path.resolve(import.meta.dirname, '../../deploy');
const read = (file: string) => readFileSync(path.join(deploy, file), 'utf8');

/** Throws where the command line does not take these words. */
const take = (words: string[]) => {
  const call = findCommand(commands, words);
  return parseWords(call.words, call.command, call.asAz);
};
/** What a server would be told by these variables and the options of this file. */
const config = (file: string, variables: Record<string, string>) =>
  configOf({ team: true, dataFolder: tmpdir(), ...readServeFile(path.join(deploy, file)) }, variables);
const key = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';
/** Files of keys, in place of those that a server has where it runs. */
const withKeys = (work: (file: string) => void) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  try {
    const file = path.join(folder, 'key');
    writeFileSync(file, key);
    work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe('the files to deploy a plane by', () => {
  const compose = parse(read('compose/compose.yml')).services;

  it('call the command line as it is', () => {
    const dockerfile = read('Dockerfile');
    const called = [...dockerfile.matchAll(/^CMD (\[.*\])$/gm)].map(([, words]) => JSON.parse(words!) as string[]);
    const started = ['updraft.service', 'updraft-runner.service'].map((unit) =>
      /^ExecStart=\/usr\/bin\/env updraft (.*)$/m.exec(read(`systemd/${unit}`))![1]!.split(' '),
    );
    const all = [...called, compose.runner.command, ...started];
    assert.equal(all.length, 5);
    for (const words of all) take(words.filter((word: string) => word !== '--help'));
  });

  it('tell a server of Docker compose what it takes, with a database, a bucket and keys', () => {
    withKeys((file) => {
      const told = Object.entries<string>(compose.plane.environment).map(([name, value]) => [
        name,
        name.endsWith('_FILE')
          ? file
          : value.replace(/\$\{(\w+)\}/g, (_, variable) => (variable === 'UPDRAFT_HOST' ? 'updraft.example.org' : variable)),
      ]);
      const { publicUrl, bucket, database, address, port, logFormat, secretKeys } = config('compose/team.yml', Object.fromEntries(told));
      assert.deepEqual([publicUrl, address, port, logFormat], ['https://updraft.example.org', '0.0.0.0', 8700, 'json']);
      assert.equal(bucket?.url, `http://objects:${/--port :(\d+)/.exec(compose.objects.entrypoint[2])![1]}/updraft`);
      assert.equal(database?.url, `postgres://${compose.database.environment.POSTGRES_USER}:POSTGRES_PASSWORD@database:5432/updraft`);
      assert.equal(secretKeys.all().length, 1);
    });
    assert.match(read('compose/Caddyfile'), /name plane\s+port 8700/);
  });

  it('say in Docker compose what each service waits for, and that it is there', () => {
    for (const [name, service] of Object.entries<any>(compose))
      for (const [other, { condition }] of Object.entries<any>(service.depends_on ?? {})) {
        assert.ok(compose[other], `${name} waits for ${other}`);
        // The image of the plane says itself how it is looked after.
        if (condition === 'service_healthy')
          assert.ok(compose[other].healthcheck ?? (other === 'plane' && /^HEALTHCHECK/m.test(read('Dockerfile'))));
      }
  });

  it('make secrets for Docker compose once, which nobody else reads', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const script = path.join(folder, 'prepare.sh');
      writeFileSync(script, read('compose/prepare.sh'), { mode: 0o755 });
      await assert.rejects(runCommand('sh', [script]), /usage/);
      await assert.rejects(runCommand('sh', [script, 'https://updraft.example.org']), /usage/);
      await runCommand('sh', [script, 'updraft.example.org']);
      const made = ['.env', 'secrets/token', 'secrets/secrets-key'];
      const before = made.map((file) => readFileSync(path.join(folder, file), 'utf8'));
      assert.equal(Buffer.from(before[2]!, 'base64').length, 32);
      assert.match(before[0]!, /^UPDRAFT_HOST=updraft.example.org\nPOSTGRES_PASSWORD=\w{48}\nOBJECTS_SECRET=\w{48}\n$/);
      assert.equal(statSync(path.join(folder, '.env')).mode & 0o077, 0);
      assert.equal(statSync(path.join(folder, 'secrets')).mode & 0o077, 0);
      await runCommand('sh', [script, 'updraft.example.org']);
      assert.deepEqual(
        made.map((file) => readFileSync(path.join(folder, file), 'utf8')),
        before,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('tell a server in Kubernetes what it takes, from what the kustomization has', () => {
    const kustomization = parse(read('kubernetes/kustomization.yaml'));
    const there = readdirSync(path.join(deploy, 'kubernetes'));
    for (const file of [...kustomization.resources, ...kustomization.configMapGenerator[0].files]) assert.ok(there.includes(file), file);
    const example = Object.fromEntries(
      read('kubernetes/secrets.env.example')
        .split('\n')
        .filter((line) => /^[\w-]+=/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const [deployment] = parseAllDocuments(read('kubernetes/plane.yaml')).map((document) => document.toJS());
    const { containers, volumes } = deployment.spec.template.spec;
    const variables: Record<string, string> = {};
    for (const { name, value, valueFrom } of containers[0].env) {
      const from = valueFrom?.secretKeyRef.key;
      if (from !== undefined) assert.ok(Object.hasOwn(example, from), from);
      variables[name] = value ?? (example[from] || 'x'.repeat(20));
    }
    const keys = volumes.find(({ secret }: any) => secret).secret.items.map((item: any) => item.path);
    const mounted = containers[0].volumeMounts.find(({ name }: any) => name === 'keys').mountPath;
    const told = readServeFile(path.join(deploy, 'kubernetes/team.yml'));
    assert.deepEqual(
      [told.tokenFile, told.secretsKeyFile],
      keys.map((name: string) => `${mounted}/${name}`),
    );
    withKeys((file) => {
      const { bucket, database } = configOf(
        { team: true, dataFolder: tmpdir(), ...told, tokenFile: file, secretsKeyFile: file },
        variables,
      );
      assert.equal(bucket?.url, 'https://s3.eu-central-1.amazonaws.com/updraft-contents');
      assert.match(database!.url, /^postgres:\/\/updraft:/);
    });
  });
});
