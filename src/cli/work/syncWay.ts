import { UserError } from '../../base/userError.ts';
import { isSamePlace, type Place } from '../../sync/folder/journalEntry.ts';
import { ensureSync } from '../../sync/process/ensureSync.ts';
import { dataFolder, ownCommand } from '../connect.ts';
import { type Parsed, text } from '../parsed.ts';
import { callAt, serverOf } from '../serverOf.ts';

/** From where to where a call sends. */
export interface Way {
  from: Place;
  to: Place;
  /** The same call, to the other control plane. */
  toCall: Parsed;
}

export function wayOf(parsed: Parsed): Way {
  const target = text(parsed, 'to');
  if (target === undefined) throw new UserError('InvalidArgument', '--to is missing.', 'Say where to: --to URL, or --to local.');
  const toCall = callAt(parsed, target, text(parsed, 'to-workspace'));
  const [from, to] = [placeOf(parsed), placeOf(toCall)];
  if (isSamePlace(from, to))
    throw new UserError(
      'InvalidArgument',
      'The jobs are there: --to names the place that they are in.',
      'Name another control plane, or another workspace.',
    );
  return { toCall, from, to };
}

const placeOf = (parsed: Parsed): Place => ({ plane: serverOf(parsed)?.url ?? 'local', workspace: text(parsed, 'workspace-name') ?? '' });

/** Sees to it that a process sends. It gets the tokens that these calls came with; others it has from where `updraft login` keeps them. */
export function ensureProcess(...calls: Parsed[]): Promise<void> {
  const servers = calls.map(serverOf);
  const tokens = servers.flatMap((server) => (server?.token === undefined ? [] : [[server.url, server.token] as const]));
  return ensureSync({
    dataFolder: dataFolder(calls[0]!),
    command: ownCommand(),
    environment: process.env,
    tokens: Object.fromEntries(tokens),
  });
}
