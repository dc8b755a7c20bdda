import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { reportListenerErrors } from '../base/event.ts';
import { lineLogger } from '../base/logger.ts';
import { compileChecks } from '../protocol/check.ts';
import { configOf, type ServeOptions } from './config.ts';
import { type ControlPlane, startControlPlane } from './controlPlane.ts';

/** Milliseconds that the start has to itself. */
const quiet = 300;

/** Starts a control plane in this process; ends cleanly on SIGTERM and SIGINT. */
export async function serve(options: ServeOptions, version: string): Promise<ControlPlane> {
  // What a request leaves lives for a moment: the nursery for it stays small, instead of growing to 64 MB under load.
  setFlagsFromString('--semi-space-growth-factor=1');
  const logger = lineLogger((line) => process.stderr.write(`${line}\n`));
  reportListenerErrors((error) => logger.error('a listener failed', error));
  const plane = await startControlPlane(configOf(options), version, logger);
  // After the start, which these would make longer.
  setTimeout(() => {
    // Where this process was given a place for it: by its end, which may be a kill, is too late.
    flushCompileCache();
    void import('typebox/compile').then(({ Compile }) => compileChecks(Compile));
  }, quiet).unref();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void plane.stop());
  return plane;
}
