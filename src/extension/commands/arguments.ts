import path from 'node:path';
import { type QuickPickItem, Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type Job, titleOf } from '../../protocol/job.ts';
import { parseJobUri } from '../documents/jobUri.ts';
import type { AssetNode, AssetsState, VersionNode } from '../state/assets.ts';
import type { JobNode } from '../state/jobs.ts';
import { clockTime } from '../views/jobItem.ts';
import type { App } from './command.ts';
import { RemediedError, remedies } from './remedy.ts';

/** The user left a question unanswered: the command ends without a word. */
export function cancelled(): never {
  throw Object.assign(new Error('Canceled'), { name: 'Canceled' });
}

const isNode = <T>(argument: unknown, kind: string): argument is T =>
  typeof argument === 'object' && argument !== null && (argument as { kind?: unknown }).kind === kind;

/**
 * The job that a command was called for: a node of a view, a name from a page. Called from the palette it is for the job before the user's eyes, where that fits, else
 * for the user's choice among the newest.
 */
export async function jobArgument(app: App, argument: unknown, prompt: string, fits: (job: Job) => boolean = () => true): Promise<Job> {
  const client = await app.plane.client();
  if (isNode<JobNode>(argument, 'job')) return client.getJob(argument.name);
  if (typeof argument === 'string') return client.getJob(argument);
  const [name, ...others] = jobsInView(app);
  const seen = name !== undefined && others.length === 0 ? await client.getJob(name).catch(ifDeleted) : undefined;
  if (seen && fits(seen)) return seen;
  const page = await client.listJobs({ top: 200 });
  const items = page.value.filter(fits).map((job) => ({
    label: titleOf(job),
    description: job.properties.status ?? '',
    detail: `${job.properties.experimentName ?? ''} · ${job.name}${job.systemData ? ` · ${clockTime(job.systemData.createdAt)}` : ''}`,
    job,
  }));
  if (items.length === 0)
    throw new RemediedError('NotFound', 'There is no job for this yet.', 'Submit one from its YAML file.', remedies.submit);
  const chosen = await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a job', matchOnDetail: true });
  return chosen?.job ?? cancelled();
}

/** The job whose dashboard or log is the active tab, else those whose rows are selected. */
function jobsInView({ panels, jobsView }: App): string[] {
  const active = window.activeTextEditor && parseJobUri(window.activeTextEditor.document.uri)?.job;
  const open = panels.activeJob ?? active;
  if (open !== undefined) return [open];
  return jobsView.visible ? jobsView.selection.flatMap((node) => (node.kind === 'job' ? [node.name] : [])) : [];
}

function ifDeleted(error: unknown): undefined {
  if (error instanceof UserError && error.code === 'NotFound') return undefined;
  throw error;
}

/** The jobs that a command of a view was called for: the selection when the clicked one is part of it. */
export async function jobArguments(
  app: App,
  argument: unknown,
  selection: unknown,
  prompt: string,
  fits: (job: Job) => boolean,
): Promise<Job[]> {
  // From the palette neither is given.
  const selected = selection ?? (argument === undefined && jobsInView(app).length > 1 ? app.jobsView.selection : []);
  const nodes = (Array.isArray(selected) ? selected : []).filter((each): each is JobNode => isNode<JobNode>(each, 'job'));
  const chosen = nodes.length > 1 ? nodes.map((node) => node.job) : [await jobArgument(app, argument, prompt, fits)];
  return chosen.filter(fits);
}

/** The job's file that a command was called for: the one clicked, the active one, else a choice among the workspace's jobs. */
export const fileArgument = (app: App, argument: unknown, prompt: string): Promise<Uri> =>
  specArgument(app, argument, prompt, ({ isJob }) => isJob, 'a job that runs here');

export const scheduleFileArgument = (app: App, argument: unknown, prompt: string): Promise<Uri> =>
  specArgument(app, argument, prompt, ({ kind }) => kind === 'schedule', 'a schedule');

/** As `fileArgument`, for a command that other files of Azure ML's will do for: `what` they are, as a sentence calls one. */
export async function specArgument(
  app: App,
  argument: unknown,
  prompt: string,
  fits: (file: { isJob: boolean; kind?: string }) => boolean = () => true,
  what = 'Azure ML YAML',
): Promise<Uri> {
  if (argument instanceof Uri) return argument;
  const active = window.activeTextEditor?.document;
  const kind = active && app.language.kinds.get(active.uri);
  if (active && kind?.isOurs && fits(kind)) return active.uri;
  const found = (await app.language.files()).filter(fits).map(({ uri }) => Uri.parse(uri));
  if (found.length === 0)
    throw new RemediedError(
      'NotFound',
      `No file of this workspace is ${what}.`,
      'Open a folder with Azure ML YAML, or begin with the example.',
      remedies.openExample,
    );
  const items = found
    .map((uri): QuickPickItem & { uri: Uri } => ({ label: path.basename(uri.path), description: folderInWorkspace(uri), uri }))
    .sort((a, b) => `${a.description}/${a.label}`.localeCompare(`${b.description}/${b.label}`));
  const chosen = await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a file', matchOnDescription: true });
  return chosen?.uri ?? cancelled();
}

/** Where a file is in the workspace, with the name of its workspace folder where there are several. Empty at the top of the only one. */
function folderInWorkspace(uri: Uri): string {
  const relative = workspace.asRelativePath(uri);
  return relative.includes('/') ? path.posix.dirname(relative) : '';
}

/** The version that a command of a view was called for; of a name, its newest. */
export async function versionArgument(app: App, argument: unknown, kind: VersionNode['of'] = 'models'): Promise<VersionNode> {
  if (isNode<VersionNode>(argument, 'version')) return argument;
  if (isNode<AssetNode>(argument, 'asset'))
    return listOf(app, argument).find(argument.name, argument.container.properties.latestVersion ?? '1');
  if (typeof argument === 'string') {
    const [name, version] = argument.split(':');
    const client = await app.plane.client();
    return app.assets[kind].find(name!, version ?? (await client.getContainer(kind, name!)).properties.latestVersion ?? '1');
  }
  const names = await app.assets[kind].roots();
  const items = names.flatMap((node) =>
    node.kind === 'asset' ? [{ label: node.name, description: `latest ${node.container.properties.latestVersion ?? ''}`, node }] : [],
  );
  if (items.length === 0) throw new UserError('NotFound', `There are no ${kind} yet.`);
  const chosen = await window.showQuickPick(items, { placeHolder: 'Choose one' });
  return chosen ? versionArgument(app, chosen.node, kind) : cancelled();
}

/** The list that an asset or a version is in. */
export const listOf = ({ assets, registries }: App, { of, registry }: Pick<AssetNode, 'of' | 'registry'>): AssetsState =>
  registry === undefined ? assets[of] : registries.in(registry)[of];

/** A client of where an asset is: of the workspace, or of a registry. */
export async function clientOf({ plane }: App, { registry }: Pick<AssetNode, 'registry'>): Promise<PlaneClient> {
  const client = await plane.client();
  return registry === undefined ? client : client.inRegistry(registry);
}

/** Asks for a line of text. */
export async function ask(
  title: string,
  options: { value?: string; prompt?: string; check?: (text: string) => string | undefined },
): Promise<string> {
  const answer = await window.showInputBox({
    title,
    // A page that is drawn beside it may take the focus: what was typed stays.
    ignoreFocusOut: true,
    ...(options.value === undefined ? {} : { value: options.value }),
    ...(options.prompt ? { prompt: options.prompt } : {}),
    ...(options.check ? { validateInput: options.check } : {}),
  });
  return answer ?? cancelled();
}

/** Asks before something that can't be undone. */
export async function confirm(question: string, action: string, detail?: string): Promise<void> {
  const answer = await window.showWarningMessage(question, { modal: true, ...(detail ? { detail } : {}) }, action);
  if (answer !== action) cancelled();
}

/** The path of a file of this machine; throws for anything else. */
export function requireFile(uri: Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new UserError('InvalidArgument', 'Only a file of this machine can be submitted.', 'Save it to disk first.');
}

/** Throws `UntrustedFolder` where nothing may run. */
export function requireTrust(what: string): void {
  if (workspace.isTrusted) return;
  throw new UserError(
    'UntrustedFolder',
    `${what} runs code of this folder, and you have not said that you trust it.`,
    'Use "Workspaces: Manage Workspace Trust" first.',
  );
}
