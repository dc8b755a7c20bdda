import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { bundle } from './updraft.ts';

/** Steps of a pipeline that say where they run, and one that would go on for an hour. */
const pipeline = `
type: pipeline
jobs:
  first:
    type: command
    command: echo out of the first > \${{outputs.text}}/text.txt
    environment: { image: ubuntu }
    outputs: { text: { type: uri_folder } }
  last:
    type: command
    command: cat \${{inputs.text}}/text.txt && echo $$ > "$MARKER.part" && mv "$MARKER.part" "$MARKER" && exec sleep 3600
    environment: { image: ubuntu }
    environment_variables: { MARKER: MARKER_FILE }
    inputs:
      text: \${{parent.jobs.first.outputs.text}}
`;

describe('updraft team try', () => {
  if (process.platform === 'win32') return;
  let folder: string;
  let temporary: string;
  let child: ChildProcess;
  let said = '';
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    temporary = path.join(folder, 'temporary');
    mkdirSync(temporary);
    // PostgreSQL runs as another user where this one is root, and must reach what is its own.
    for (const each of [folder, temporary]) chmodSync(each, 0o755);
    const file = path.join(folder, 'pipeline.yml');
    writeFileSync(file, pipeline.replace('MARKER_FILE', path.join(folder, 'pid')));
    child = spawn(process.execPath, [bundle, 'team', 'try', '--file', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
    await saying(/as \S+\.$/m);
  });
  after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const saying = (what: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => what.test(said) && resolve();
      child.stdout!.on('data', look);
      child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${said}`)));
      look();
    });
  const fileIn = (place: string, name: string) =>
    new Promise<void>((resolve) => {
      const watcher = watch(place, () => look());
      const look = () => {
        if (!existsSync(path.join(place, name))) return;
        watcher.close();
        resolve();
      };
      look();
    });
  const studioOf = (name: string) => new URL(new RegExp(`^${name} .*(http\\S+)$`, 'm').exec(said)![1]!);
  const tokenOf = (name: string) => studioOf(name).searchParams.get('token')!;
  const clientOf = (name: string) =>
    new PlaneClient({ url: studioOf(name).origin, token: tokenOf(name) }, { ...defaultWorkspace, workspace: 'vision' });

  it('says the addresses of a control plane with people, runners and a job, which runs', async () => {
    const job = /as (\S+)\.$/m.exec(said)![1]!;
    // Its last step is made when the first one has ended, and writes its process id when it runs.
    await fileIn(folder, 'pid');
    const opened = await fetch(studioOf('Rita'), { redirect: 'manual' });
    assert.deepEqual([opened.status, opened.headers.has('set-cookie')], [303, true]);
    // A Reader sees it, and may not cancel it.
    assert.equal((await clientOf('Rita').getJob(job)).properties.status, 'Running');
    await assert.rejects(clientOf('Rita').cancelJob(job), /does not have authorization/);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const command = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    assert.equal(await ended, 0, said);
    assert.match(said, /Ended, and removed\.$/m);
    assert.deepEqual(readdirSync(temporary), []);
    assert.throws(() => process.kill(command, 0), { code: 'ESRCH' });
  });
});
