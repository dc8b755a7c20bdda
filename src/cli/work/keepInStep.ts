import { UserError } from '../../base/userError.ts';
import type { KeptSelection } from '../../protocol/sync.ts';
import { isSameSelection, selectionText } from '../../sync/folder/selections.ts';
import { changeSettings } from '../../sync/folder/settings.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import { dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text } from '../parsed.ts';
import { type Way, wayOf } from './syncWay.ts';

/** From now on sends each job of an experiment, or with a tag. */
export async function keep(parsed: Parsed, way: Pick<Way, 'from' | 'to'>, start: () => Promise<void>): Promise<Outcome> {
  const selection = selectionOf(parsed, way);
  await changeSettings(syncFolderOf(dataFolder(parsed)), (before) => ({
    ...before,
    kept: [...before.kept.filter((each) => !isSameSelection(each, selection)), selection],
  }));
  await start();
  return {
    value: selection,
    text: () => `Jobs of the ${selectionText(selection)} are sent from now on, as they run. "updraft sync status" says how far it is.`,
  };
}

/** What is kept in sync is so no longer. */
export async function forget(parsed: Parsed): Promise<Outcome> {
  const selection = selectionOf(parsed, wayOf(parsed));
  await changeSettings(syncFolderOf(dataFolder(parsed)), (before) => {
    const kept = before.kept.filter((each) => !isSameSelection(each, selection));
    if (kept.length < before.kept.length) return { ...before, kept };
    throw new UserError(
      'NotFound',
      `The ${selectionText(selection)} is not kept in sync.`,
      '"updraft sync status" lists what is. Say --server, --to and the workspaces as you did then.',
    );
  });
  return { value: selection, text: () => `The ${selectionText(selection)} is kept in sync no longer. What was sent stays.` };
}

function selectionOf(parsed: Parsed, { from, to }: Pick<Way, 'from' | 'to'>): KeptSelection {
  const [experiment, tag] = [text(parsed, 'experiment'), text(parsed, 'tag')];
  if ((experiment === undefined && tag === undefined) || parsed.positionals.length > 0)
    throw new UserError(
      'InvalidArgument',
      'What is kept in sync is an experiment, or what has a tag.',
      'Say --experiment NAME or --tag KEY=VALUE, and no names of jobs: one job is sent to its end anyhow.',
    );
  return { from, to, ...(experiment === undefined ? {} : { experiment }), ...(tag === undefined ? {} : { tag }) };
}
