import type { Logger } from './logger.ts';

/** Lets work go on that nobody waits for. What goes wrong with it is logged under `what`: no promise is left without a catch. */
export function aside(what: string, work: PromiseLike<unknown> | undefined, logger: Pick<Logger, 'error'>): void {
  work?.then(undefined, (error: unknown) => logger.error(what, error));
}
