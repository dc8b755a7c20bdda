import path from 'node:path';
import { lineLogger } from '../../base/logger.ts';
import { surviveStrayErrors } from '../../base/strayErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { isPassing } from '../../client/isPassing.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import type { Command } from '../command.ts';
import { dataFolder } from '../connect.ts';
import { list, required, text, whole } from '../options.ts';

export const runnerCommand: Command = {
  name: 'runner',
  summary: 'Runs the jobs of a control plane that is elsewhere, until it is interrupted.',
  usage: '--server URL [--compute NAME…] [--token T] [--max-parallel N]   (the token can also be in MLFLOW_TRACKING_TOKEN)',
  options: {
    server: { type: 'string' },
    compute: { type: 'string', multiple: true },
    token: { type: 'string' },
    'max-parallel': { type: 'string' },
  },
  async run(parsed) {
    const url = required(parsed, 'server');
    const token = text(parsed, 'token') ?? process.env.MLFLOW_TRACKING_TOKEN;
    if (!token)
      throw new UserError('InvalidArgument', '--token is missing.', 'Read it with "updraft env" on the machine of the control plane.');
    const client = new PlaneClient({ url, token, patienceMs: 60_000 });
    await client.status().catch((error) => {
      // A wrong token is said at once; a plane that is not there yet is waited for.
      if (!isPassing(error)) throw error;
      process.stderr.write(`${messageOf(error)}\nIt is tried again.\n`);
    });
    const most = whole(parsed, 'max-parallel');
    const computes = list(parsed, 'compute');
    const environment = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const logger = lineLogger((line) => process.stderr.write(`${line}\n`));
    surviveStrayErrors(process, logger);
    const { startRunner } = await import('../../runner/runner.ts');
    const runner = startRunner({
      client,
      planeUrl: url,
      folder: path.join(dataFolder(parsed), 'remote-runner'),
      environment,
      logger,
      ...(most ? { maxParallelJobs: most } : {}),
      ...(computes.length ? { computes } : {}),
    });
    process.stderr.write(
      `Waiting for jobs of ${url}${computes.length ? ` for ${computes.join(', ')}` : ''}. Ctrl+C ends the runner; running commands go on.\n`,
    );
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await runner.dispose();
  },
};
