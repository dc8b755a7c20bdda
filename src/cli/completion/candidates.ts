import type { Command } from '../command.ts';
import { optionsOf } from '../commonOptions.ts';
import { commandsOf } from '../findCommand.ts';

/** A word that may stand next, and one line about it. */
export interface Candidate {
  word: string;
  what: string;
}

/** What may stand in place of the last of the words, which is still being typed. Nothing where a file or a free text belongs. */
export function candidates(commands: readonly Command[], words: readonly string[]): Candidate[] {
  const asAz = words.length > 1 && words[0] === 'ml';
  const rest = asAz ? words.slice(1) : words;
  const typed = rest.at(-1) ?? '';
  const before = rest.slice(0, -1);
  const all = commandsOf(commands, asAz).filter(({ isHidden }) => !isHidden);
  const firstOption = before.findIndex((word) => word.startsWith('-'));
  const path = firstOption < 0 ? before : before.slice(0, firstOption);
  const command = commandAt(all, path);
  const found = command && (typed.startsWith('-') || before.length > 0) ? optionCandidates(command, before, typed) : [];
  const next = firstOption < 0 && !typed.startsWith('-') ? nextWords(all, path, words.length === 1) : [];
  return [...next, ...found].filter(({ word }) => word.startsWith(typed));
}

const commandAt = (all: readonly Command[], path: readonly string[]): Command | undefined => {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join(' ');
    const found = all.find(({ names }) => names.includes(name));
    if (found) return found;
  }
  return undefined;
};

/** The next word of the names that begin with what is there. */
function nextWords(all: readonly Command[], path: readonly string[], isFirst: boolean): Candidate[] {
  const found = new Map<string, string>();
  const begin = path.length ? `${path.join(' ')} ` : '';
  for (const { names, what } of all)
    for (const name of names) {
      if (!name.startsWith(begin)) continue;
      const [word, ...more] = name.slice(begin.length).split(' ');
      if (!found.has(word!)) found.set(word!, more.length ? `Commands of ${word}.` : what);
    }
  if (isFirst) found.set('ml', 'Commands as "az ml" has them.');
  return [...found].map(([word, what]) => ({ word, what }));
}

function optionCandidates(command: Command, before: readonly string[], typed: string): Candidate[] {
  const options = Object.entries(optionsOf(command));
  const last = before.at(-1) ?? '';
  const open = options.find(([name, { short }]) => last === `--${name}` || (short !== undefined && last === `-${short}`))?.[1];
  if (open?.choices) return open.choices.map((word) => ({ word, what: open.what }));
  if (open && open.takes !== 'flag') return [];
  if (!typed.startsWith('-')) return [];
  return options
    .filter(([name, { takes }]) => takes === 'many' || takes === 'pairs' || !before.includes(`--${name}`))
    .map(([name, { what }]) => ({ word: `--${name}`, what }));
}
