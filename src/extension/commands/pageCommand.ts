import { commands, env, Uri, ViewColumn, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { WebviewCommand } from '../../protocol/webview.ts';
import { jobUri } from '../documents/jobUri.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';

type Arguments = Record<string, string>;

/** What each command of a page does; `args` are names that the page was given by the plane. */
const actions: Record<WebviewCommand, (app: App, args: Arguments) => unknown> = {
  'job.open': (_app, { name, tab }) => commands.executeCommand('updraft.job.open', name, tab),
  'job.openLog': (_app, { name }) => commands.executeCommand('updraft.job.openLog', name),
  'job.openYaml': (_app, { name }) => commands.executeCommand('updraft.job.openYaml', name),
  'job.openSnapshot': (_app, { name, path, line }) =>
    commands.executeCommand('updraft.job.openSnapshot', name, path, line ? Number(line) : undefined),
  'job.download': (_app, { name }) => commands.executeCommand('updraft.job.download', name),
  'job.cancel': (_app, { name }) => commands.executeCommand('updraft.job.cancel', name),
  'job.rerun': (_app, { name }) => commands.executeCommand('updraft.job.rerun', name),
  'job.revealError': (_app, { name }) => commands.executeCommand('updraft.job.revealError', name),
  'model.open': (_app, { name }) => commands.executeCommand('updraft.model.open', name),
  'model.register': (_app, { name, output }) => commands.executeCommand('updraft.model.register', name, output),
  'artifact.open': async (_app, { name, path }) => {
    const document = await workspace.openTextDocument(jobUri(name!, 'artifacts', path!));
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside });
  },
  'artifact.save': async (app, { name, path }) => {
    const target = await window.showSaveDialog({ defaultUri: Uri.file(path!.split('/').pop()!) });
    if (!target) cancelled();
    const response = await (await app.plane.client()).readArtifact(name!, path!);
    await workspace.fs.writeFile(target, new Uint8Array(await response.arrayBuffer()));
  },
  'graph.save': async (_app, { name, svg }) => {
    const target = await window.showSaveDialog({ defaultUri: Uri.file(`${name}.svg`), filters: { Image: ['svg'] } });
    if (!target) cancelled();
    await workspace.fs.writeFile(target, Buffer.from(svg ?? ''));
  },
  'external.open': (_app, { url }) => {
    const target = Uri.parse(url ?? '', true);
    if (target.scheme !== 'https' && target.scheme !== 'http') throw new UserError('InvalidArgument', `"${url}" is no web address.`);
    return env.openExternal(target);
  },
};

/** Runs what a page asked for. Not in the palette. */
export const pageCommand: Command = {
  id: 'updraft.page.command',
  run: (app, command, args) => actions[command as WebviewCommand](app, args as Arguments),
};
