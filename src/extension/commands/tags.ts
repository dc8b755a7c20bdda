import { window } from 'vscode';
import { ask, cancelled } from './arguments.ts';

/** Lets the user add, change and remove tags, one at a time. Answers the change: a value of `null` removes. */
export async function askForTagChange(title: string, tags: Record<string, string>): Promise<Record<string, string | null>> {
  const items = [
    { label: '$(add) Add a tag…', key: undefined },
    ...Object.entries(tags).map(([key, value]) => ({ label: key, description: value, key })),
  ];
  const chosen =
    items.length === 1
      ? items[0]!
      : await window.showQuickPick(items, { title, placeHolder: 'Add a tag, or choose one to change or remove' });
  if (!chosen) cancelled();
  if (chosen.key === undefined) {
    const text = await ask(title, {
      prompt: 'key=value, or just a key',
      check: (given) => (/^\s*[^=\s][^=]*(=.*)?$/s.test(given) ? undefined : 'Write key=value, or just a key.'),
    });
    const at = text.indexOf('=');
    return at < 0 ? { [text.trim()]: '' } : { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
  }
  const action = await window.showQuickPick(['Change the value', 'Remove'], { title: `Tag ${chosen.key}` });
  if (!action) cancelled();
  if (action === 'Remove') return { [chosen.key]: null };
  return { [chosen.key]: await ask(`Tag ${chosen.key}`, { value: tags[chosen.key] ?? '' }) };
}
