import { type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { ago, shortened } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { Mention } from '../../protocol/comment.ts';
import type { PageAddress } from '../../protocol/webview.ts';
import type { App, Command } from './command.ts';

/** Mentions that are listed. */
const most = 50;
/** Characters of a comment that the list shows. */
const mostText = 200;

interface Choice extends QuickPickItem {
  /** Absent: all are marked as read. */
  mention?: Mention;
}

/** Lists the comments that mention the person, in all workspaces of the plane, and opens the one that is chosen. */
export const mentionsShow: Command = {
  id: 'updraft.mentions.show',
  async run(app) {
    if (!app.plane.isShared)
      throw new UserError(
        'NotFound',
        'Nobody is mentioned on this machine: you alone use it.',
        'Choose a workspace of a plane that a team shares.',
      );
    const [client, { listMentions, markMentions }] = await Promise.all([app.plane.client(), import('../../client/comments.ts')]);
    const { value } = await listMentions(client.http, { top: most });
    const chosen = await window.showQuickPick(choicesOf(app, value), {
      title: 'Mentions',
      placeHolder: value.length === 0 ? 'Nobody has mentioned you in a comment yet' : 'Comments that mention you',
      matchOnDetail: true,
    });
    if (!chosen) return;
    if (!chosen.mention) return markMentions(client.http, { isRead: true });
    const { workspace, title, comment, isRead } = chosen.mention;
    const { plane } = app.current.place;
    if (workspace !== app.plane.workspace.workspace) await app.current.use({ plane, workspace });
    app.panels.open(pageOf(chosen.mention), title);
    if (!isRead) await markMentions(client.http, { isRead: true, mentions: [{ workspace, comment: comment.id }] });
  },
};

function choicesOf(app: App, mentions: readonly Mention[]): Choice[] {
  const here = app.plane.workspace.workspace;
  const items: Choice[] = mentions.map((mention) => ({
    label: `$(${mention.isRead ? 'blank' : 'circle-small-filled'}) ${inert(mention.comment.by.displayName)} on ${inert(mention.title)}`,
    description: `${ago(Date.now() - Date.parse(mention.comment.at))}${mention.workspace === here ? '' : `, switches to ${mention.workspace}`}`,
    detail: inert(shortened(mention.comment.text, mostText)),
    mention,
  }));
  if (mentions.some(({ isRead }) => !isRead))
    items.push({ label: '', kind: QuickPickItemKind.Separator }, { label: '$(check-all) Mark All as Read' });
  return items;
}

function pageOf({ comment: { id, on } }: Mention): PageAddress {
  return {
    page: on.kind === 'jobs' ? 'job' : 'model',
    name: on.name,
    tab: 'comments',
    ...(on.version === undefined ? {} : { version: on.version }),
    state: { comment: id },
  };
}

/** On one line, and without what the list would draw as an icon or turn round. */
const inert = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').replaceAll('$(', '$\u200a(');
