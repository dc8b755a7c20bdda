import { messageOf, UserError } from '../base/userError.ts';
import { ValidationFailed } from '../submit/validationFailed.ts';
import { commands } from './commands.ts';
import { diagnosticText } from './diagnosticText.ts';
import { type Call, commandsOf, findCommand } from './findCommand.ts';
import { help, overview } from './help.ts';
import { printerOf } from './output/printer.ts';
import { parseWords } from './parseWords.ts';
import { version } from './version.ts';

/** Runs the command that the words name; answers its exit code, which means what it does of `az`: 1 an error, 2 a wrong command line, 3 a thing to show that is not there. */
export async function commandLine(words: string[]): Promise<number> {
  let call: Call | undefined;
  try {
    const asked = helpAsked(words);
    if (asked !== undefined) return print(asked);
    if (words[0] === '--version' || words[0] === 'version') return print(version);
    call = findCommand(commands, words);
    if (call.words.includes('--help') || call.words.includes('-h')) return print(help(call.command, call.asAz));
    const parsed = parseWords(call.words, call.command, call.asAz);
    const write = await printerOf(parsed);
    const outcome = await call.command.run(parsed);
    await write(outcome);
    return outcome.exitCode ?? 0;
  } catch (error) {
    return failed(error, call);
  }
}

function failed(error: unknown, call: Call | undefined): number {
  if (error instanceof ValidationFailed) process.stderr.write(`${error.diagnostics.map(diagnosticText).join('\n')}\n`);
  else process.stderr.write(`error: ${messageOf(error)}\n`);
  if (!(error instanceof UserError)) {
    const isShown = process.env.UPDRAFT_DEBUG || call?.words.includes('--debug');
    process.stderr.write(isShown ? `${(error as Error).stack}\n` : 'This is a defect of Updraft; UPDRAFT_DEBUG=1 shows where.\n');
    return 1;
  }
  if (error.code === 'InvalidArgument') return 2;
  // Scripts ask so whether a thing is there.
  return isMissing(error) && call?.command.names[0].endsWith(' show') ? 3 : 1;
}

const isMissing = ({ code }: UserError): boolean => code === 'NotFound' || code === 'AssetNotFound';

/** The overview, or that of a group, where words ask for it and name no command. */
function helpAsked(words: readonly string[]): string | undefined {
  const asAz = words[0] === 'ml';
  const rest = asAz ? words.slice(1) : words;
  const [first, second] = rest;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') return overview(commands, asAz);
  const isGroup = commandsOf(commands, asAz).some(({ names, isHidden }) => !isHidden && names.some((name) => name.startsWith(`${first} `)));
  return isGroup && (second === undefined || second === '--help' || second === '-h') ? overview(commands, asAz, first) : undefined;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
