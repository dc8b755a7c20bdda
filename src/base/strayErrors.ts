import type { Logger } from './logger.ts';

/** What is needed of Node's `process`. */
export interface ErrorSource {
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  on(event: 'uncaughtException', listener: (error: Error) => void): unknown;
}

/**
 * Logs errors that nobody caught, with their stack, and goes on: one request or timer that fails must not end what all others work with. For processes that serve
 * many; a command that does one thing ends with its error instead.
 */
export function surviveStrayErrors(source: ErrorSource, logger: Pick<Logger, 'error'>): void {
  source.on('unhandledRejection', (reason) => logger.error('a promise was rejected and nobody caught it', reason));
  source.on('uncaughtException', (error: Error & { code?: string }) => {
    // Whoever read the log is gone: to log that would fail again, without end.
    if (error?.code !== 'EPIPE') logger.error('an error was thrown and nobody caught it', error);
  });
}
