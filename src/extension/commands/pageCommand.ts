import { existsSync } from 'node:fs';
import { commands, env, Uri, ViewColumn, window, workspace } from 'vscode';
import { aside } from '../../base/aside.ts';
import { UserError } from '../../base/userError.ts';
import { artifactContainer, blobContainer, parseDatastoreUri } from '../../protocol/asset.ts';
import { check } from '../../protocol/check.ts';
import { jobProperty } from '../../protocol/job.ts';
import { PageAddress, type WebviewCommand } from '../../protocol/webview.ts';
import { jobUri } from '../documents/jobUri.ts';
import type { App, Command } from './command.ts';
import { chooseExamples, saveFinetuning } from './finetuningFiles.ts';
import { followDownload } from './followDownload.ts';
import { linkTo } from './pageLinks.ts';
import { openRuns } from './runsOpen.ts';
import { saveTarget } from './saveTarget.ts';

type Arguments = Record<string, string>;

/** What each command of a page does; `args` are names that the page was given by the plane. */
const actions: Record<WebviewCommand, (app: App, args: Arguments) => unknown> = {
  'job.open': (_app, { name, tab, side }) => commands.executeCommand('updraft.job.open', name, tab, side === 'true'),
  'job.compareCode': (_app, { before, after, path }) => commands.executeCommand('updraft.job.compareCode', before, after, path),
  'job.compareYaml': (_app, { before, after }) => commands.executeCommand('updraft.job.compareYaml', before, after),
  'runs.open': (app, { name, tab, state }) =>
    openRuns(app, name ?? '', { ...(tab ? { tab } : {}), ...(state ? { state: JSON.parse(state) } : {}) }),
  'job.openLog': (_app, { name }) => commands.executeCommand('updraft.job.openLog', name),
  'job.openYaml': (_app, { name }) => commands.executeCommand('updraft.job.openYaml', name),
  'job.openSnapshot': (_app, { name, path, line }) =>
    commands.executeCommand('updraft.job.openSnapshot', name, path, line ? Number(line) : undefined),
  'job.download': (_app, { name }) => commands.executeCommand('updraft.job.download', name),
  'job.cancel': (_app, { name }) => commands.executeCommand('updraft.job.cancel', name),
  'job.rerun': (_app, { name }) => commands.executeCommand('updraft.job.rerun', name),
  'job.debug': (_app, { name }) => commands.executeCommand('updraft.job.debug', name),
  'job.revealError': (_app, { name }) => commands.executeCommand('updraft.job.revealError', name),
  'job.openFile': (app, { name }) => openSubmittedFile(app, name!),
  'asset.open': (app, { page, name, registry, version }) => openAsset(app, page, name!, registry, version),
  'playground.open': (_app, { state }) => {
    const { models } = JSON.parse(state ?? '{}') as { models?: unknown };
    return commands.executeCommand('updraft.playground.open', Array.isArray(models) ? models[0] : undefined);
  },
  'finetuning.open': (_app, { state }) => {
    const { model } = JSON.parse(state ?? '{}') as { model?: unknown };
    return commands.executeCommand('updraft.finetuning.open', typeof model === 'string' ? model : undefined);
  },
  'finetuning.chooseData': (app, args) => chooseExamples(app, args),
  'finetuning.save': (_app, args) => saveFinetuning(args),
  'models.open': (app, { state }) => openPage(app, 'models', '', 'Models', state),
  'endpoint.open': (app, { name, state }) => openPage(app, 'endpoint', name!, name!, state),
  'model.followDownload': (app, { name }) => aside('download', followDownload(app, name!), app.log),
  'hub.setToken': () => commands.executeCommand('updraft.hub.setToken'),
  'model.open': (app, { name, registry, version }) => openAsset(app, 'model', name!, registry, version),
  'model.register': (_app, { name, output }) => commands.executeCommand('updraft.model.register', name, output),
  'artifact.open': async (_app, { name, path }) => {
    const document = await workspace.openTextDocument(jobUri(name!, 'artifacts', path!));
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside });
  },
  // An artifact by job and path, or a file of an output by its datastore uri.
  'artifact.save': async (app, { name, path, uri }) => {
    const place = uri ? parseDatastoreUri(uri) : undefined;
    const target = await saveTarget(place?.path ?? path!);
    const client = await app.plane.client();
    const container = place?.datastore === 'workspaceartifactstore' ? artifactContainer : blobContainer;
    const response = place ? await client.readBlob(container, place.path) : await client.readArtifact(name!, path!);
    await workspace.fs.writeFile(target, new Uint8Array(await response.arrayBuffer()));
  },
  'graph.save': async (_app, { name, svg }) => {
    const target = await saveTarget(`${name}.svg`, { Image: ['svg'] });
    await workspace.fs.writeFile(target, Buffer.from(svg ?? ''));
  },
  // What the page made, in base64.
  'file.save': async (_app, { name, content }) => {
    const target = await saveTarget(name!);
    await workspace.fs.writeFile(target, Buffer.from(content ?? '', 'base64'));
  },
  'link.copy': async (app, { page, name, to, state }) => {
    const { tab, version, ...rest } = JSON.parse(state ?? '{}') as Record<string, unknown>;
    const address = check(
      PageAddress,
      { page, name, state: rest, ...(tab ? { tab } : {}), ...(version ? { version } : {}) },
      'The page of a link',
    );
    await app.plane.client();
    await env.clipboard.writeText(linkTo(app, address, to === 'studio' ? 'studio' : 'editor'));
  },
  'external.open': (_app, { url }) => {
    const target = Uri.parse(url ?? '', true);
    if (target.scheme !== 'https' && target.scheme !== 'http') throw new UserError('InvalidArgument', `"${url}" is no web address.`);
    return env.openExternal(target);
  },
};

/** A page with what it begins with, as JSON. */
function openPage({ panels }: App, page: 'models' | 'endpoint', name: string, title: string, state: string | undefined): void {
  panels.open(check(PageAddress, { page, name, ...(state ? { state: JSON.parse(state) } : {}) }, 'The page'), title);
}

/** A model or another asset, of the workspace or of a registry. */
function openAsset(
  { panels }: App,
  page: string | undefined,
  name: string,
  registry: string | undefined,
  version: string | undefined,
): void {
  panels.open(check(PageAddress, { page, name, ...(registry ? { registry } : {}), ...(version ? { version } : {}) }, 'The page'), name);
}

/** The file that a job was submitted from, where this machine has it; else its YAML as it was then. */
async function openSubmittedFile(app: App, name: string): Promise<unknown> {
  const job = await (await app.plane.client()).getJob(name);
  const file = job.properties.properties?.[jobProperty.submittedFile];
  // What the plane tells is opened for the person alone; still, only YAML is meant.
  if (!file || !/\.ya?ml$/i.test(file) || !existsSync(file)) return commands.executeCommand('updraft.job.openYaml', name);
  return window.showTextDocument(await workspace.openTextDocument(Uri.file(file)));
}

/** Runs what a page asked for. Not in the palette. */
export const pageCommand: Command = {
  id: 'updraft.page.command',
  run: (app, command, args) => actions[command as WebviewCommand](app, args as Arguments),
};
