import { type Disposable, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import { plural } from '../../base/text.ts';
import type { Mentions } from '../state/mentions.ts';

/** A bell in the status bar, while there are mentions that were not read. A click lists them. */
export function mentionsItem(mentions: Mentions): Disposable {
  let item: StatusBarItem | undefined;
  const hide = () => {
    item?.dispose();
    item = undefined;
  };
  const subscription = mentions.onDidChange(() => {
    const { unread } = mentions;
    if (unread === 0) return hide();
    item ??= window.createStatusBarItem('updraft.mentions', StatusBarAlignment.Left, 19);
    item.name = 'Updraft Mentions';
    item.command = 'updraft.mentions.show';
    item.text = `$(bell) ${unread}`;
    item.tooltip = `Updraft: ${plural(unread, 'comment')} that ${unread === 1 ? 'mentions' : 'mention'} you and that you have not read. Click to list them.`;
    item.accessibilityInformation = { label: `Updraft: ${plural(unread, 'mention')} not read`, role: 'button' };
    item.show();
  });
  return {
    dispose() {
      subscription.dispose();
      hide();
    },
  };
}
