import { aside } from '../base/aside.ts';
import { reportListenerErrors } from '../base/event.ts';
import { laterPart, loadLaterParts } from '../base/laterPart.ts';
import { jsonLogger, lineLogger } from '../base/logger.ts';
import { surviveStrayErrors } from '../base/strayErrors.ts';
import { compileChecks } from '../protocol/check.ts';
import { writeCompiled } from '../tuning/compileCache.ts';
import { keepYoungGenerationSmall } from '../tuning/youngGeneration.ts';
import { configOf, type ServeOptions } from './config.ts';
import { type ControlPlane, startControlPlane } from './controlPlane.ts';

const compiler = laterPart(() => import('typebox/compile'));

/** Milliseconds that the start has to itself. */
const quiet = 300;

/** Starts a control plane in this process; ends cleanly on SIGTERM and SIGINT. */
export async function serve(options: ServeOptions, version: string): Promise<ControlPlane> {
  keepYoungGenerationSmall();
  const config = configOf(options);
  const logger = (config.logFormat === 'json' ? jsonLogger : lineLogger)((line) => process.stderr.write(`${line}\n`));
  surviveStrayErrors(process, logger);
  reportListenerErrors((error) => logger.error('a listener failed', error));
  const plane = await startControlPlane(config, version, logger);
  // After the start, which these would make longer.
  setTimeout(() => {
    aside(
      'compiled checks',
      compiler().then(({ Compile }) => compileChecks(Compile)),
      logger,
    );
    aside('parts', loadLaterParts().finally(writeCompiled), logger);
  }, quiet).unref();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => aside('end', plane.stop(), logger));
  return plane;
}
