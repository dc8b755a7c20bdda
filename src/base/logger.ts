/** Where diagnostic text goes: an output channel, a file or standard error. Never holds tokens. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** A logger that writes one line per message: `ISO-time level message`. */
export function lineLogger(write: (line: string) => void, clock: () => Date = () => new Date()): Logger {
  const line = (level: string, message: string) => write(`${clock().toISOString()} ${level} ${message}`);
  return {
    debug: (message) => line('debug', message),
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
    error: (message, error) => line('error', error === undefined ? message : `${message}: ${describe(error)}`),
  };
}

/** A logger that writes one JSON object per message, for what collects logs: `time` (ISO), `level`, `message`, and of an error `error` and `stack`. */
export function jsonLogger(write: (line: string) => void, clock: () => Date = () => new Date()): Logger {
  const line = (level: string, message: string, more: Record<string, string> = {}) =>
    write(JSON.stringify({ time: clock().toISOString(), level, message, ...more }));
  return {
    debug: (message) => line('debug', message),
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
    error: (message, error) =>
      line('error', message, {
        ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
        ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
      }),
  };
}

/** A logger for those who do not listen. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
