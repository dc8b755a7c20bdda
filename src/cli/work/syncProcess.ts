import { mkdirSync, watch } from 'node:fs';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { Emitter, reportListenerErrors } from '../../base/event.ts';
import { lineLogger } from '../../base/logger.ts';
import { surviveStrayErrors } from '../../base/strayErrors.ts';
import { UserError } from '../../base/userError.ts';
import type { Fetch } from '../../client/http.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import type { Place } from '../../sync/folder/journalEntry.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import type { StartMessage } from '../../sync/process/ensureSync.ts';
import { runSync } from '../../sync/process/runSync.ts';
import { configFolder } from '../configFolder.ts';
import { connect, dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed } from '../parsed.ts';

/** Characters of what comes through standard input, at most. */
const mostInput = 1_000_000;

/** Sends what waits and what is kept in sync, until the process is told to end. */
export async function runProcess(parsed: Parsed): Promise<Outcome> {
  const isOnDemand = flag(parsed, 'on-demand');
  const tokens = new Map(isOnDemand ? Object.entries((await startMessage()).tokens) : []);
  const logger = lineLogger((line) => process.stderr.write(`${line}\n`));
  surviveStrayErrors(process, logger);
  reportListenerErrors((error) => logger.error('a listener failed', error));
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(signal)));
  const logins = new Emitter<void>();
  const watcher = watchLogins(() => logins.fire());
  const folder = dataFolder(parsed);
  try {
    await runSync({
      folder: syncFolderOf(folder),
      connect: (place, fetch) => connectTo(place, { folder, tokens, fetch }),
      onDidChangeTokens: logins.event,
      isOnDemand,
      signal: stop.signal,
      logger,
    });
  } finally {
    watcher.dispose();
  }
  return {};
}

/** A client of a place: with a token that was handed over, else with what `updraft login` has kept. */
async function connectTo(
  { plane, workspace }: Place,
  { folder, tokens, fetch }: { folder: string; tokens: Map<string, string>; fetch: Fetch | undefined },
): Promise<PlaneClient> {
  const call = (token: string | undefined): Parsed => ({
    values: { data: folder, server: plane, 'workspace-name': workspace || undefined, token },
    positionals: [],
    asAz: false,
  });
  const token = tokens.get(plane);
  const { client, lock } = await connect(call(token)).catch((error: unknown) => {
    if (token === undefined || !(error instanceof UserError && error.code === 'Unauthorized')) throw error;
    // It is good no more; somebody may have signed in since.
    tokens.delete(plane);
    return connect(call(undefined));
  });
  const whenAway = 'It is tried again by itself. If that lasts, look at your network, or ask who runs the control plane.';
  return new PlaneClient(
    { url: lock.url, token: lock.token, ...(lock.isElsewhere ? { whenAway } : {}), ...(fetch ? { fetch } : {}) },
    client.workspace,
  );
}

/** Calls back when somebody has signed in or out on this machine. */
function watchLogins(onChange: () => void): Disposable {
  const folder = configFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const watcher = watch(folder, (_event, name) => {
    if (name === null || name === 'servers.json') onChange();
  });
  watcher.on('error', () => {});
  return toDisposable(() => watcher.close());
}

/** The line that who starts this process sends it. */
async function startMessage(): Promise<StartMessage> {
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) if ((text += part).length > mostInput) break;
  try {
    const { tokens } = JSON.parse(text) as Partial<StartMessage>;
    const given = Object.entries(tokens ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return { tokens: Object.fromEntries(given) };
  } catch {
    throw new UserError(
      'InvalidArgument',
      'What came through standard input is not what a program that starts this process sends.',
      'Leave out --on-demand.',
    );
  }
}
