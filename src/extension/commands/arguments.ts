import path from 'node:path';
import { type QuickPickItem, Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { type Job, titleOf } from '../../protocol/job.ts';
import type { DocumentKind } from '../../protocol/language.ts';
import type { AssetNode, VersionNode } from '../state/assets.ts';
import type { JobNode } from '../state/jobs.ts';
import { clockTime } from '../views/jobItem.ts';
import type { App } from './command.ts';

/** The user left a question unanswered: the command ends without a word. */
export function cancelled(): never {
  throw Object.assign(new Error('Canceled'), { name: 'Canceled' });
}

const isNode = <T>(argument: unknown, kind: string): argument is T =>
  typeof argument === 'object' && argument !== null && (argument as { kind?: unknown }).kind === kind;

/** The job that a command was called for: a node of a view, a name from a page, else the user's choice among the newest. */
export async function jobArgument(app: App, argument: unknown, prompt: string, fits: (job: Job) => boolean = () => true): Promise<Job> {
  const client = await app.plane.client();
  if (isNode<JobNode>(argument, 'job')) return client.getJob(argument.name);
  if (typeof argument === 'string') return client.getJob(argument);
  const page = await client.listJobs({ top: 200 });
  const items = page.value.filter(fits).map((job) => ({
    label: titleOf(job),
    description: job.properties.status ?? '',
    detail: `${job.properties.experimentName ?? ''} · ${job.name}${job.systemData ? ` · ${clockTime(job.systemData.createdAt)}` : ''}`,
    job,
  }));
  if (items.length === 0) throw new UserError('NotFound', 'There is no job for this yet.', 'Submit one from its YAML file.');
  const chosen = await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a job', matchOnDetail: true });
  return chosen?.job ?? cancelled();
}

/** The jobs that a command of a view was called for: the selection when the clicked one is part of it. */
export async function jobArguments(
  app: App,
  argument: unknown,
  selection: unknown,
  prompt: string,
  fits: (job: Job) => boolean,
): Promise<Job[]> {
  const nodes = (Array.isArray(selection) ? selection : []).filter((each): each is JobNode => isNode<JobNode>(each, 'job'));
  const chosen = nodes.length > 1 ? nodes.map((node) => node.job) : [await jobArgument(app, argument, prompt, fits)];
  return chosen.filter(fits);
}

/** The job's file that a command was called for: the one clicked, the active one, else a choice among the workspace's YAML files. */
export const fileArgument = (app: App, argument: unknown, prompt: string): Promise<Uri> =>
  yamlArgument(app, argument, prompt, ({ isJob }) => isJob);

/** As `fileArgument`, for a command that any file of Azure ML's will do for. */
export const specArgument = (app: App, argument: unknown, prompt: string): Promise<Uri> =>
  yamlArgument(app, argument, prompt, ({ isOurs }) => isOurs);

export const scheduleFileArgument = (app: App, argument: unknown, prompt: string): Promise<Uri> =>
  yamlArgument(app, argument, prompt, ({ kind }) => kind === 'schedule');

async function yamlArgument(app: App, argument: unknown, prompt: string, fits: (kind: DocumentKind) => boolean): Promise<Uri> {
  if (argument instanceof Uri) return argument;
  const active = window.activeTextEditor?.document;
  const kind = active && app.language.kinds.get(active.uri);
  if (active && kind && fits(kind)) return active.uri;
  // By their names, so that nothing is parsed for a choice.
  const found = await workspace.findFiles('**/*.{yml,yaml}', '**/{node_modules,.git,.venv,.github}/**', 500);
  if (found.length === 0)
    throw new UserError(
      'NotFound',
      'There is no YAML file in this workspace.',
      'Open a folder with Azure ML YAML, or the example with "Updraft: Open the Example".',
    );
  const items = found
    .map((uri): QuickPickItem & { uri: Uri } => ({
      label: path.basename(uri.path),
      description: workspace.asRelativePath(path.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => `${a.description}/${a.label}`.localeCompare(`${b.description}/${b.label}`));
  const chosen = await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a YAML file', matchOnDescription: true });
  return chosen?.uri ?? cancelled();
}

/** The version that a command of a view was called for; of a name, its newest. */
export async function versionArgument(app: App, argument: unknown, kind: VersionNode['of'] = 'models'): Promise<VersionNode> {
  if (isNode<VersionNode>(argument, 'version')) return argument;
  if (isNode<AssetNode>(argument, 'asset'))
    return app.assets[argument.of].find(argument.name, argument.container.properties.latestVersion ?? '1');
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

/** Asks for a line of text. */
export async function ask(
  title: string,
  options: { value?: string; prompt?: string; check?: (text: string) => string | undefined },
): Promise<string> {
  const answer = await window.showInputBox({
    title,
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
