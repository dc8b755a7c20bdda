import { addConda, parseCondaFile } from '../condaFile.ts';
import { pipLine, requirementLines } from '../pipLine.ts';
import { Refused } from './refused.ts';

/** What the commands of a Dockerfile have asked for so far. */
export interface Installs {
  python: string | undefined;
  packages: string[];
}

/** Files in the image that came from beside the Dockerfile. */
export interface Sources {
  readText(path: string): string | undefined;
  address(path: string): string | undefined;
}

/** Commands that change nothing for a job. */
const idle = new Set([
  'true',
  ':',
  'set',
  'ls',
  'which',
  'cat',
  'rm',
  'mkdir',
  'chmod',
  'chown',
  'export',
  'source',
  '.',
  'ldconfig',
  'unset',
]);
/** Options of pip, and of conda, that say nothing of what is installed; those with a value of their own behind them. */
const pipIdle =
  /^(?:-q+|-v+|--quiet|--verbose|-U|--upgrade|--user|-I|--ignore-installed|--force-reinstall|--no-cache-dir|--no-cache|--disable-pip-version-check|--no-input|--prefer-binary|--no-warn-\S+|--break-system-packages|--system|--compile|--no-compile|--upgrade-strategy=\S+|--(?:default-timeout|timeout|retries|progress-bar|root-user-action|use-deprecated|use-feature|cache-dir|python)=\S+)$/;
const pipIdleWithValue =
  /^--(?:default-timeout|timeout|retries|progress-bar|root-user-action|use-deprecated|use-feature|cache-dir|upgrade-strategy|python)$/;
const pipKept = /^--(?:pre|no-index|prefer-binary|(?:index-url|extra-index-url|find-links|no-binary|only-binary|trusted-host)=\S+)$/;
const pipKeptWithValue =
  /^(?:-i|-f|-r|-c|-e|--(?:index-url|extra-index-url|find-links|no-binary|only-binary|trusted-host|requirement|constraint|editable))$/;
const condaIdle = /^(?:-y|-q|--yes|--quiet|--override-channels|--freeze-installed|--strict-channel-priority|--force|--prune|--all|-v+)$/;
const condaIdleWithValue = /^(?:-n|-p|-c|--name|--prefix|--channel|--solver|--experimental-solver)$/;

/** Adds what one command of a RUN installs. Throws `Refused` for a command that does anything else. */
export function installBy(given: string[], output: string | undefined, installs: Installs, sources: Sources): void {
  const words = [...given];
  while (words[0] && /^\w+=/.test(words[0])) words.shift();
  const program = (words.shift() ?? '').split('/').at(-1)!;
  if (output !== undefined && output !== '/dev/null' && !/(?:^|\/)\.?(?:bashrc|bash_profile|profile|profile\.d\/[^/]+)$/.test(output))
    throw new Refused(`the file ${output} would not be there without an image.`);
  if (program === '' || idle.has(program)) return;
  if (program === 'echo' || program === 'printf') return;
  if (/^pip[\d.]*$/.test(program)) return pip(words, installs, sources);
  if (program === 'uv') {
    if (words[0] === 'pip') return pip(words.slice(1), installs, sources);
    if (words[0] === 'venv') return;
  }
  if (/^python[\d.]*$/.test(program)) {
    if (words[0] === '-m' && words[1] === 'pip') return pip(words.slice(2), installs, sources);
    if (words[0] === '--version' || words[0] === '-V' || (words[0] === '-m' && words[1] === 'venv')) return;
  }
  if (['conda', 'mamba', 'micromamba'].includes(program)) return conda(words, installs, sources);
  throw new Refused(`only pip and conda are followed here, not "${program}".`);
}

function pip(words: string[], installs: Installs, sources: Sources): void {
  const [verb, ...args] = words.filter((word, index) => index > 0 || !word.startsWith('--no-'));
  if (verb === undefined || ['--version', 'list', 'check', 'cache', 'freeze', 'show'].includes(verb)) return;
  if (verb !== 'install') throw new Refused(`"pip ${verb}" is not followed here.`);
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (pipIdle.test(word)) continue;
    if (pipIdleWithValue.test(word)) index++;
    else if (pipKept.test(word)) installs.packages.push(word);
    else if (pipKeptWithValue.test(word)) addLine(`${word} ${args[++index] ?? ''}`, installs, sources);
    else if (/^-[rce].|^--(?:requirement|constraint|editable)=/.test(word)) addLine(word, installs, sources);
    else if (word.startsWith('-')) throw new Refused(`pip's option ${word} is not followed here.`);
    else addLine(word, installs, sources);
  }
}

function addLine(line: string, installs: Installs, sources: Sources, depth = 0): void {
  const found = pipLine(line);
  if (found.kind === 'plain') installs.packages.push(line);
  else if (found.kind === 'lines') {
    const text = sources.readText(found.path);
    if (text === undefined || depth > 10) throw new Refused(`the file ${found.path} does not come from beside the Dockerfile.`);
    for (const each of requirementLines(text)) addLine(each, installs, sources, depth + 1);
  } else {
    const address = sources.address(found.path);
    if (address === undefined) throw new Refused(`${found.path} does not come from beside the Dockerfile.`);
    installs.packages.push(`${found.before}${encodeURI(address)}${found.after}`);
  }
}

function conda(given: string[], installs: Installs, sources: Sources): void {
  const words = given[0] === 'env' ? given.slice(1) : given;
  const [verb, ...args] = words;
  if (verb === undefined || ['clean', 'init', 'config', 'activate', 'info', 'list', '--version', 'shell'].includes(verb)) return;
  if (verb === 'run') return installBy(commandOfRun(args), undefined, installs, sources);
  if (!['create', 'install', 'update'].includes(verb)) throw new Refused(`"conda ${verb}" is not followed here.`);
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (condaIdle.test(word)) continue;
    if (condaIdleWithValue.test(word)) index++;
    else if (/^--(?:name|prefix|channel|solver)=/.test(word)) continue;
    else if (/^(?:-f|--file)(?:=|$)/.test(word))
      addCondaFile(word.includes('=') ? word.split('=')[1]! : (args[++index] ?? ''), installs, sources);
    else if (word.startsWith('-')) throw new Refused(`conda's option ${word} is not followed here.`);
    else if (word !== 'conda' && word !== 'mamba' && word !== 'anaconda') addPackage(word, installs);
  }
}

/** The command behind `conda run` and its options. */
function commandOfRun(args: string[]): string[] {
  let index = 0;
  while (args[index]?.startsWith('-')) index += condaIdleWithValue.test(args[index]!) ? 2 : 1;
  return args.slice(index);
}

function addPackage(entry: string, installs: Installs): void {
  const found = { python: installs.python, translated: [] as string[] };
  addConda(found, entry);
  installs.python = found.python;
  installs.packages.push(...found.translated);
}

function addCondaFile(path: string, installs: Installs, sources: Sources): void {
  const text = sources.readText(path);
  if (text === undefined) throw new Refused(`the file ${path} does not come from beside the Dockerfile.`);
  if (!/\.ya?ml$/i.test(path)) {
    for (const line of requirementLines(text)) addPackage(line, installs);
    return;
  }
  const { python, translated, pip: lines } = parseCondaFile(text);
  installs.python = python ?? installs.python;
  installs.packages.push(...translated);
  const folder = path.split('/').slice(0, -1).join('/');
  const beside = (each: string) => (each.startsWith('/') || !folder ? each : `${folder}/${each}`);
  const fromThere: Sources = { readText: (each) => sources.readText(beside(each)), address: (each) => sources.address(beside(each)) };
  for (const line of lines) addLine(line, installs, fromThere);
}
