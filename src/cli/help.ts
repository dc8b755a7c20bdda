import type { Command, Options } from './command.ts';
import { everywhere, inWorkspace } from './commonOptions.ts';
import { commandsOf } from './findCommand.ts';
import { version } from './version.ts';

/** All commands, those of a group on one line; or those of one group, each with what it does. */
export function overview(commands: readonly Command[], asAz: boolean, group = ''): string {
  const shown = commandsOf(commands, asAz).filter(({ names, isHidden }) => !isHidden && (!group || names[0].startsWith(`${group} `)));
  const rows = new Map<string, string>();
  for (const { names, what } of shown) {
    const words = names[0].split(' ');
    const head = words.slice(0, -1).join(' ');
    if (group || !head) rows.set(names[0], what);
    else rows.set(head, rows.has(head) ? `${rows.get(head)}, ${words.at(-1)}` : words.at(-1)!);
  }
  const width = Math.max(...[...rows.keys()].map(({ length }) => length));
  return [
    ...(group ? [] : [`updraft ${version}: Azure ML v2 YAML on this machine`, '']),
    ...[...rows].map(([name, what]) => `  ${name.padEnd(width)}  ${what}`),
    '',
    group
      ? `"updraft ${asAz ? 'ml ' : ''}${group} COMMAND --help" has the options.`
      : asAz
        ? 'Written as "az ml" writes them, and answered as it answers. Without "ml" the answer is for people.'
        : 'Every command and group takes --help. Those of "az ml" can be written with "ml" before them, and answer as it does then.',
  ].join('\n');
}

/** What a command does and takes. */
export function help({ names, what, words, options, inWorkspace: hasWorkspace }: Command, asAz: boolean): string {
  const common = { ...(hasWorkspace ? inWorkspace : {}), ...everywhere };
  const left = Object.fromEntries(Object.entries(common).filter(([name]) => !(name in options)));
  return [
    what,
    '',
    `  updraft ${asAz ? 'ml ' : ''}${[names[0], ...(words ? [words] : []), ...(Object.keys(options).length ? ['[options]'] : [])].join(' ')}`,
    ...(names.length > 1 ? [`  also: ${names.slice(1).join(', ')}`] : []),
    ...(Object.keys(options).length ? ['', 'Options', ...optionLines(options)] : []),
    '',
    'Common options',
    ...optionLines(left),
  ].join('\n');
}

function optionLines(options: Options): string[] {
  const rows = Object.entries(options).map(([name, { takes, short, value, what, choices }]) => {
    const shown =
      takes === 'flag'
        ? ''
        : ` ${(choices && choices.length < 6 ? choices.join('|') : undefined) ?? value ?? { path: 'PATH', whole: 'N', pairs: 'KEY=VALUE…' }[takes as string] ?? 'TEXT'}`;
    return [`  ${short ? `-${short}, ` : '    '}--${name}${shown}`, what] as const;
  });
  const width = Math.min(44, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, what]) => `${left.padEnd(width)}  ${what}`);
}
