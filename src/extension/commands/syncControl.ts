import { type QuickPickItem, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { Place as SyncPlace } from '../../sync/folder/journalEntry.ts';
import type { KeptNode, SyncJobNode } from '../sync/syncTree.ts';
import { ask, cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';

/** What calls of `updraft sync` need of the window. */
export const senderOf = (app: App) => ({
  extensionFolder: app.extensionFolder,
  dataFolder: workspace.getConfiguration('updraft').get('dataFolder', ''),
  sessions: app.sessions,
});

/** Runs `updraft sync …`. `start`: a process sends then, with the sessions of this window. */
export async function callSync(app: App, args: string[], { start = false } = {}): Promise<void> {
  const sender = await import('../sync/sender.ts');
  if (start) await sender.startSender(senderOf(app));
  await sender.callSync(senderOf(app), args);
}

/** The options that say from where to where. */
export const wayOptions = (from: SyncPlace, to: SyncPlace): string[] => [
  ...['--server', from.plane, '--to', to.plane],
  ...(from.workspace ? ['--workspace-name', from.workspace] : []),
  ...(to.workspace ? ['--to-workspace', to.workspace] : []),
];

export const syncPause: Command = { id: 'updraft.sync.pause', run: (app) => callSync(app, ['pause']) };
export const syncResume: Command = { id: 'updraft.sync.resume', run: (app) => callSync(app, ['resume'], { start: true }) };
/** Tries what waits at once, whatever the hour. */
export const syncSendNow: Command = { id: 'updraft.sync.sendNow', run: (app) => callSync(app, ['resume'], { start: true }) };

/** Sends a job that was refused once more. */
export const syncTryAgain: Command = {
  id: 'updraft.sync.tryAgain',
  async run(app, node) {
    const { entry } = jobNode(node);
    await callSync(app, ['push', entry.job, ...wayOptions(entry.from, entry.to), '--no-wait'], { start: true });
  },
};

export const syncForget: Command = {
  id: 'updraft.sync.forget',
  async run(app, node) {
    const { kind, selection } = (node ?? {}) as KeptNode;
    if (kind !== 'kept') throw new UserError('InvalidArgument', 'Choose what is kept in sync in the Sync view.');
    const { experiment, tag, from, to } = selection;
    await callSync(app, [
      'forget',
      ...wayOptions(from, to),
      ...(experiment === undefined ? [] : ['--experiment', experiment]),
      ...(tag === undefined ? [] : ['--tag', tag]),
    ]);
  },
};

interface Limit extends QuickPickItem {
  option: '--limit' | '--hours';
  prompt: string;
  value: string;
}

export const syncLimit: Command = {
  id: 'updraft.sync.limit',
  async run(app) {
    const items: Limit[] = [
      {
        label: '$(dashboard) Bytes a Second…',
        description: 'of all jobs together',
        option: '--limit',
        prompt: 'Such as 2MB/s or 500kB/s; "none" for as fast as it goes',
        value: '2MB/s',
      },
      {
        label: '$(clock) Hours of the Day…',
        description: 'at which something is sent',
        option: '--hours',
        prompt: 'Such as 20-6 for the evening and the night; "none" for the whole day',
        value: '20-6',
      },
    ];
    const chosen = await window.showQuickPick(items, { title: 'Limit Sending', placeHolder: 'What is limited?' });
    if (!chosen) return cancelled();
    const { option, prompt, value } = chosen;
    await callSync(app, ['limit', option, await ask('Limit Sending', { prompt, value })]);
  },
};

export const syncShowLog: Command = {
  id: 'updraft.sync.showLog',
  async run(app) {
    const [{ syncFolderOf }, { dataFolderOfThisMachine }] = await Promise.all([
      import('../../sync/folder/syncFolder.ts'),
      import('../planeProcess.ts'),
    ]);
    const { log } = syncFolderOf(dataFolderOfThisMachine(senderOf(app).dataFolder));
    await window.showTextDocument(await workspace.openTextDocument(log));
  },
};

function jobNode(node: unknown): SyncJobNode {
  if ((node as SyncJobNode | undefined)?.kind !== 'syncJob') throw new UserError('InvalidArgument', 'Choose a job in the Sync view.');
  return node as SyncJobNode;
}
