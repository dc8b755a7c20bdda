import path from 'node:path';
import { ProgressLocation, window } from 'vscode';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type Job, titleOf } from '../../protocol/job.ts';
import type { SubmissionPlan } from '../../submit/elsewhere/planSubmission.ts';
import type { Target } from '../../submit/elsewhere/target.ts';
import { saveFilesOfJobs } from '../editor/saveFilesOfJobs.ts';
import { isSamePlace, type Place } from '../state/planes/place.ts';
import { cancelled, fileArgument, requireFile, requireTrust } from './arguments.ts';
import type { App, Command } from './command.ts';
import { signInTo } from './planeSignIn.ts';
import { revealStartedJob } from './revealStartedJob.ts';
import { choosePlace } from './workspaceChoose.ts';

const submit = 'Submit';
const submitAndOpen = 'Submit and Open There';
const showPlan = 'Show What Will Run';
const choose = 'Choose Another Workspace';

/** Submits a file to a workspace other than the current one, with what is missing there. Which one is remembered for each file. */
export const jobSubmitTo: Command = {
  id: 'updraft.job.submitTo',
  async run(app, argument) {
    requireTrust('Submitting');
    const uri = await fileArgument(app, argument, 'Submit a job to another workspace');
    const file = requireFile(uri);
    await saveFilesOfJobs();
    const kept = app.submitTargets.of(uri.toString());
    let place = kept && !isSamePlace(kept, app.current.place) ? kept : await chosenPlace(app, file);
    for (;;) {
      const target = await reach(app, place);
      const plan = await planWithComputes(target, file);
      const { mustBePossible } = await import('../../submit/elsewhere/planSubmission.ts');
      mustBePossible(plan);
      app.submitTargets.set(uri.toString(), place);
      const chosen = await window.showInformationMessage(
        `Submit ${path.basename(file)} to ${placeText(app, place)}?`,
        { modal: true, detail: [...stepsText(plan), ...plan.summary].join('\n') },
        submit,
        submitAndOpen,
        showPlan,
        choose,
      );
      if (chosen === showPlan)
        return app.texts.show(`What will run in ${place.workspace} of ${target.plane}: ${path.basename(file)}`, plan.text);
      if (chosen === choose) place = await chosenPlace(app, file);
      else if (chosen === undefined) cancelled();
      else return finish(app, place, await send(target, file), chosen === submitAndOpen);
    }
  },
};

const placeText = (app: App, { plane, workspace }: Place): string =>
  plane === undefined ? `${workspace} on this machine` : `${workspace} (${app.known.nameOf(plane)})`;

async function chosenPlace(app: App, file: string): Promise<Place> {
  const place = await choosePlace(app, {
    title: `Submit ${path.basename(file)} to…`,
    placeHolder: 'What it needs and is missing there goes with it',
    without: app.current.place,
  });
  return place ?? cancelled();
}

async function reach(app: App, place: Place): Promise<Target> {
  if (place.plane !== undefined && !(await app.sessions.of(place.plane))) await signInTo(app, place.plane);
  return {
    client: await app.clientAt(place),
    plane: place.plane === undefined ? 'local' : app.known.nameOf(place.plane),
    origin: (): Promise<PlaneClient> => app.plane.client(),
  };
}

/** Works out what would run there. Which computes are meant that are not there is asked, and kept in `.updraft/config.yml`. */
const planWithComputes = (target: Target, file: string): Thenable<SubmissionPlan> =>
  inProgress('Working out what will run there…', async (_report, signal) => {
    const [{ planSubmission }, { rememberCompute }] = await Promise.all([
      import('../../submit/elsewhere/planSubmission.ts'),
      import('../../submit/elsewhere/projectConfig.ts'),
    ]);
    for (;;) {
      const plan = await planSubmission(target, file, { signal });
      const unknown = plan.computes.find(({ there }) => there === undefined);
      if (!unknown) return plan;
      const there = await window.showQuickPick([...plan.presentComputes], {
        title: `Which compute of ${target.plane} is "${unknown.here}"?`,
        placeHolder: 'Kept in .updraft/config.yml, and asked once',
        ignoreFocusOut: true,
      });
      rememberCompute(file, target.plane, unknown.here, there ?? cancelled());
    }
  });

async function send(target: Target, file: string): Promise<Job> {
  const { submitElsewhere } = await import('../../submit/elsewhere/submitElsewhere.ts');
  const { job } = await inProgress('Checking…', (onProgress, signal) => submitElsewhere(target, { file, onProgress, signal }));
  return job;
}

/** Ends without a word where the person cancels it. */
const inProgress = <T>(first: string, work: (report: (message: string) => void, signal: AbortSignal) => Promise<T>): Thenable<T> =>
  window.withProgress({ location: ProgressLocation.Notification, title: 'Updraft', cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    progress.report({ message: first });
    try {
      return await work((message) => progress.report({ message }), abort.signal);
    } catch (error) {
      return abort.signal.aborted ? cancelled() : Promise.reject(error);
    }
  });

async function finish(app: App, place: Place, job: Job, isToOpen: boolean): Promise<void> {
  app.log.info(`Submitted ${titleOf(job)} as ${job.name} to ${placeText(app, place)}`);
  const open = 'Open There';
  if (!isToOpen) {
    const text = `Submitted ${titleOf(job)} to ${placeText(app, place)}.`;
    if ((await window.showInformationMessage(text, open)) !== open) return;
  }
  // The views of a window are about one workspace.
  await app.current.use(place);
  await revealStartedJob(app, job);
}

function stepsText({ steps }: SubmissionPlan): string[] {
  const work = steps.filter(({ properties }) => properties.jobType !== 'Pipeline');
  if (work.length === 0) return [];
  const reused = work.filter(({ outlook }) => outlook === 'reused').length;
  return [
    `${work.length === 1 ? '1 step' : `${work.length} steps`}${reused > 0 ? `, of which ${reused} ${reused === 1 ? 'is' : 'are'} reused` : ''}.`,
  ];
}
