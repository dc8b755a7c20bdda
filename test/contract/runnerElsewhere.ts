import path from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { type Runner, type RunnerOptions, startRunner } from '../../src/runner/runner.ts';
import type { TestPlane } from './plane.ts';

/** What commands in tests start from: enough to find programs. */
export function fewVariables(): { PATH: string; HOME: string } {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

/** A runner that is not the plane's own, as on another machine; `folder` is below the plane's. */
export const runnerElsewhere = (plane: TestPlane, folder = 'elsewhere', more: Partial<RunnerOptions> = {}): Runner =>
  startRunner({
    client: plane.client,
    planeUrl: plane.url,
    folder: path.join(plane.folder, folder),
    environment: fewVariables(),
    logger: silentLogger,
    ...more,
  });
