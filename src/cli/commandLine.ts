import { nearest } from '../base/nearest.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { ValidationFailed } from '../submit/validationFailed.ts';
import type { Command } from './command.ts';
import { armCommand } from './commands/arm.ts';
import { assetCommands } from './commands/assets.ts';
import { exampleCommand } from './commands/example.ts';
import { jobCancel, jobDelete, jobDownload, jobList, jobShow, jobStream, jobSubmit } from './commands/jobs.ts';
import { lspCommand } from './commands/lsp.ts';
import { envCommand, statusCommand, stopCommand } from './commands/plane.ts';
import { runnerCommand } from './commands/runner.ts';
import { scheduleCommands } from './commands/schedules.ts';
import { serveCommand } from './commands/serve.ts';
import { storeBackupCommand, storeCheckCommand, storeCompactCommand, storeRestoreCommand } from './commands/store.ts';
import { validateCommand } from './commands/validate.ts';
import { diagnosticText } from './diagnosticText.ts';
import { commonOptions, parseOptions } from './options.ts';
import { version } from './version.ts';

const commands: Command[] = [
  jobSubmit,
  jobStream,
  jobList,
  jobShow,
  jobCancel,
  jobDownload,
  jobDelete,
  ...assetCommands,
  ...scheduleCommands,
  validateCommand,
  armCommand,
  lspCommand,
  serveCommand,
  statusCommand,
  stopCommand,
  envCommand,
  runnerCommand,
  storeCheckCommand,
  storeCompactCommand,
  storeBackupCommand,
  storeRestoreCommand,
  exampleCommand,
];

/** Runs the command that the words name; answers its exit code. */
export async function commandLine(words: string[]): Promise<number> {
  try {
    if (words[0] === '--version' || words[0] === 'version') return print(version);
    if (words.length === 0 || words[0] === '--help' || words[0] === '-h' || words[0] === 'help') return print(overview());
    const command = find(words);
    const args = words.slice(command.name.split(' ').length);
    if (args.includes('--help') || args.includes('-h')) return print(help(command));
    return (await command.run(parseOptions(args, command.options))) ?? 0;
  } catch (error) {
    if (error instanceof ValidationFailed) process.stderr.write(`${error.diagnostics.map(diagnosticText).join('\n')}\n`);
    else process.stderr.write(`error: ${messageOf(error)}\n`);
    if (!(error instanceof UserError))
      process.stderr.write(
        process.env.UPDRAFT_DEBUG ? `${(error as Error).stack}\n` : 'This is a defect of Updraft; UPDRAFT_DEBUG=1 shows where.\n',
      );
    return error instanceof UserError && error.code === 'InvalidArgument' ? 2 : 1;
  }
}

function find(words: string[]): Command {
  const found = commands.find(({ name }) => name === words[0] || name === `${words[0]} ${words[1]}`);
  if (found) return found;
  const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `));
  const asked = group.length ? `${words[0]} ${words[1] ?? ''}`.trim() : words[0]!;
  const close = nearest(
    asked,
    commands.map(({ name }) => name),
  );
  throw new UserError(
    'InvalidArgument',
    `There is no command "${asked}".`,
    group.length
      ? `There are ${group.map(({ name }) => `"${name}"`).join(', ')}.`
      : close
        ? `Did you mean "${close}"?`
        : '"updraft help" lists them.',
  );
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `updraft ${version}: Azure ML v2 YAML on this machine`,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Every command takes --help, --data DIR and --output json|table.',
  ].join('\n');
}

function help({ name, summary, usage, options }: Command): string {
  const all = Object.entries<{ type: string; short?: string }>({ ...options, ...commonOptions }).map(
    ([option, { short }]) => `--${option}${short ? `, -${short}` : ''}`,
  );
  return [summary, '', `  updraft ${name} ${usage}`, '', `Options: ${all.join('  ')}`].join('\n');
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
