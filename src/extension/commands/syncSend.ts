import { commands, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { titleOf } from '../../protocol/job.ts';
import type { Place as SyncPlace } from '../../sync/folder/journalEntry.ts';
import type { ExperimentNode } from '../state/jobs.ts';
import { isSamePlace, type Place } from '../state/planes/place.ts';
import { seenText } from '../views/seenText.ts';
import { cancelled, jobArguments } from './arguments.ts';
import type { App, Command } from './command.ts';
import { RemediedError, remedies } from './remedy.ts';
import { callSync, wayOptions } from './syncControl.ts';

/** Sends jobs to a workspace of another plane; those that run are sent to their end. */
export const jobSend: Command = {
  id: 'updraft.job.send',
  async run(app, argument, selection) {
    const jobs = await jobArguments(
      app,
      argument,
      selection,
      'Send a job to another plane',
      ({ properties }) => properties.parentJobName === undefined,
    );
    if (jobs.length === 0)
      throw new UserError(
        'InvalidArgument',
        'A job is sent when it has ended, and a step goes with its pipeline.',
        'Send it then, or the pipeline.',
      );
    const what = jobs.length === 1 ? titleOf(jobs[0]!) : plural(jobs.length, 'job');
    const to = await choosePlace(app, `Send ${what} to Which Workspace?`);
    await callSync(app, ['push', ...jobs.map(({ name }) => name), ...wayTo(app, to), '--no-wait'], { start: true });
    tell(app, `${what} will be sent to ${to.workspace} (${nameOf(app, to)}).`);
  },
};

/** From now on sends each job of an experiment. */
export const experimentKeep: Command = {
  id: 'updraft.experiment.keepInSync',
  async run(app, argument) {
    const experiment = typeof argument === 'string' ? argument : (argument as ExperimentNode | undefined)?.name;
    if (experiment === undefined) throw new UserError('InvalidArgument', 'Choose an experiment in the Jobs view.');
    const to = await choosePlace(app, `Keep ${experiment} in Sync with Which Workspace?`);
    await callSync(app, ['push', '--keep', '--experiment', experiment, ...wayTo(app, to)], { start: true });
    tell(app, `Jobs of ${experiment} will be sent to ${to.workspace} (${nameOf(app, to)}) as they run.`);
  },
};

const nameOf = ({ known }: App, { plane }: Place): string => (plane === undefined ? 'this machine' : known.nameOf(plane));

function tell(app: App, text: string): void {
  const show = 'Show Sync';
  aside(
    'the Sync view',
    window.showInformationMessage(text, show).then((chosen) => chosen && commands.executeCommand('updraft.sync.focus')),
    app.log,
  );
}

const syncPlace = ({ plane, workspace }: Place): SyncPlace =>
  // Every name is the same workspace on a machine of one person.
  ({ plane: plane ?? 'local', workspace: plane === undefined ? '' : workspace });

const wayTo = (app: App, to: Place): string[] => wayOptions(syncPlace(app.current.place), syncPlace(to));

interface Choice extends QuickPickItem {
  place?: Place;
}

/** Lets the person choose a workspace other than the current one. One of a plane that is away is chosen, too: what is sent waits for it. */
async function choosePlace(app: App, title: string): Promise<Place> {
  const planes = app.planes.all;
  if (planes.length === 0)
    throw new RemediedError('NotFound', 'No other plane was added yet.', 'Add the control plane of your team.', remedies.addPlane);
  await Promise.all(planes.map((plane) => plane.settled()));
  const here: Place = { plane: undefined, workspace: defaultWorkspace.workspace };
  const items: Choice[] = [
    ...(app.current.isHere
      ? []
      : [
          { label: 'This machine', kind: QuickPickItemKind.Separator },
          { label: here.workspace, place: here },
        ]),
    ...planes.flatMap(({ url, state, seen }): Choice[] => [
      { label: app.known.nameOf(url), kind: QuickPickItemKind.Separator },
      ...(seen?.workspaces ?? [])
        .map(({ name }) => ({ plane: url, workspace: name }))
        .filter((place) => !isSamePlace(place, app.current.place))
        .map((place) => ({
          label: place.workspace,
          description: state === 'away' ? seenText(seen?.at) : state === 'signedOut' ? 'sign in again' : '',
          place,
        })),
    ]),
  ];
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: 'What is away now gets it when it is back',
    matchOnDescription: true,
  });
  return chosen?.place ?? cancelled();
}
