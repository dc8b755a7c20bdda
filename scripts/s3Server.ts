import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../src/runner/freePort.ts';
import { type BucketOptions, openBucket } from '../src/store/s3/bucket.ts';
import { cacheFolder } from './cacheFolder.ts';
import { inOneStep, pythonClient } from './pythonClients.ts';
import { runCommand } from './runCommand.ts';

/** A server on loopback that speaks S3's protocol. */
export interface S3Server {
  /** `versitygw` looks at signatures and at hashes of what arrives; `moto` does not. */
  name: 'versitygw' | 'moto';
  /** Makes an empty bucket. */
  bucket(name: string): Promise<BucketOptions>;
  stop(): Promise<void>;
}

const versitygw = '1.8.0';
const moto = '5.2.1';
const [key, secret, region] = ['updraft-test', 'a secret for tests', 'eu-central-1'];

/** Starts versitygw where Go can build it (once on a machine, a minute or two), else moto from PyPI. */
export async function startS3Server(): Promise<S3Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-s3-'));
  const port = await freePort();
  const gateway = await findGateway();
  const [program, words] = gateway
    ? [gateway, ['--port', `127.0.0.1:${port}`, '--access', key, '--secret', secret, '--region', region, '--quiet', 'posix', folder]]
    : [await pythonClient('moto', [`moto[server]==${moto}`]), ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]];
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  const ended = once(child, 'exit');
  // Also when a test ends this process before it comes to `stop`.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${program} has ended: ${said}`);
    await delay(50);
  }
  return {
    name: gateway ? 'versitygw' : 'moto',
    async bucket(name) {
      const options = { url: `http://127.0.0.1:${port}/${name}`, region, accessKeyId: key, secretAccessKey: secret };
      if (!(await openBucket(options).createBucket())) throw new Error(`The bucket ${name} was not made: ${said}`);
      return options;
    },
    async stop() {
      process.removeListener('exit', kill);
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

/** The program, built where it is not yet; undefined without Go. */
async function findGateway(): Promise<string | undefined> {
  const folder = path.join(cacheFolder(), `versitygw-${versitygw}`);
  const program = path.join(folder, 'versitygw');
  if (existsSync(program)) return program;
  if (!(await isThere('go', 'version'))) return undefined;
  console.error(`versitygw ${versitygw}: building it with Go, which takes a minute or two ...`);
  try {
    await inOneStep(folder, async (work) => {
      mkdirSync(work, { recursive: true });
      await runCommand('go', ['install', `github.com/versity/versitygw/cmd/versitygw@v${versitygw}`], {
        env: { ...(process.env as Record<string, string>), GOBIN: work, CGO_ENABLED: '0' },
      });
    });
    return program;
  } catch (error) {
    console.error(`versitygw could not be built, so moto takes its place: ${(error as Error).message.slice(-300)}`);
    return undefined;
  }
}

const isThere = (program: string, word: string): Promise<boolean> =>
  runCommand(program, [word]).then(
    () => true,
    () => false,
  );
