import path from 'node:path';

/** A call of Python in a command line. Offsets count characters of that line. */
export interface PythonCall {
  /** Where the word stands that names Python. */
  start: number;
  end: number;
  /** Where the call ends, its arguments and redirections included. */
  callEnd: number;
  /** Its arguments as they are written, without quotes. */
  words: string[];
  /** Why it can't be started apart from what stands around it; undefined when it can. */
  obstacle: 'block' | 'input' | undefined;
}

interface Word {
  text: string;
  start: number;
  end: number;
}

/** A simple command of the shell. */
interface Simple {
  words: Word[];
  end: number;
  readsInput: boolean;
  isInBlock: boolean;
}

const openers = new Set(['if', 'for', 'while', 'until', 'case', '{']);
const closers = new Set(['fi', 'done', 'esac', '}']);
const between = new Set(['then', 'do', 'else', 'elif', '!']);
/** Programs that start the one behind them. */
const starters = new Set(['exec', 'time', 'nohup', 'env', 'command', 'nice', 'timeout']);

/** The calls of Python in a command line for a POSIX shell, in order. The line is only looked at: what it means in full the shell alone knows. */
export function pythonCalls(line: string): PythonCall[] {
  const calls: PythonCall[] = [];
  for (const { words, end, readsInput, isInBlock } of simpleCommands(line)) {
    let at = 0;
    const leads = ({ text }: Word) =>
      openers.has(text) || between.has(text) || starters.has(text) || /^\w+=/.test(text) || /^(?:-.*|\d+[smhd]?)$/.test(text);
    while (at < words.length && leads(words[at]!)) at++;
    const python = words[at];
    if (!python || !/^python(?:\d(?:\.\d+)?)?$/.test(path.posix.basename(python.text))) continue;
    const obstacle = isInBlock ? 'block' : readsInput ? 'input' : undefined;
    calls.push({ start: python.start, end: python.end, callEnd: end, words: words.slice(at + 1).map(({ text }) => text), obstacle });
  }
  return calls;
}

/** The call that a failed job's last lines blame: one whose script they name, else the last one, since what stands before it went well as a rule. */
export function blamedCall(calls: readonly PythonCall[], lastLines: readonly string[]): PythonCall | undefined {
  const files = lastLines.flatMap((line) => /^\s*File "([^"]+)", line \d+/.exec(line)?.[1] ?? []);
  const isNamed = ({ words }: PythonCall) =>
    words.some((word, index) => {
      const file = words[index - 1] === '-m' ? `${word.replaceAll('.', '/')}.py` : word;
      return file.endsWith('.py') && files.some((each) => each.endsWith(path.posix.normalize(`/${file}`)));
    });
  return calls.findLast(isNamed) ?? calls.at(-1);
}

function simpleCommands(line: string): Simple[] {
  const found: Simple[] = [];
  let depth = 0;
  let isPiped = false;
  let now: Simple = { words: [], end: 0, readsInput: false, isInBlock: false };
  /** Ends of texts that begin in the next line (`<<END`). */
  const awaited: string[] = [];
  /** The next word is a file or such, no argument. */
  let isTarget = false;
  let at = 0;
  const finish = (end: number) => {
    if (now.words.length) found.push({ ...now, end });
    isPiped = false;
    isTarget = false;
    now = { words: [], end: 0, readsInput: false, isInBlock: depth > 0 };
  };
  const add = (word: Word) => {
    if (isTarget) {
      isTarget = false;
      return;
    }
    const isFirst = now.words.every(({ text }) => between.has(text) || openers.has(text));
    if (isFirst && openers.has(word.text)) depth++;
    if (isFirst && closers.has(word.text)) depth = Math.max(0, depth - 1);
    if (depth > 0) now.isInBlock = true;
    if (isPiped) now.readsInput = true;
    now.words.push(word);
  };
  while (at < line.length) {
    const rest = line.slice(at);
    const blank = /^(?:[ \t\r]|\\\n)+|^#[^\n]*/.exec(rest);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    if (rest.startsWith('\n')) {
      finish(at++);
      for (const end of awaited.splice(0)) at = afterText(line, at, end);
      continue;
    }
    const text = /^<<-?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|([^\s;&|<>]+))/.exec(rest);
    if (text && !rest.startsWith('<<<')) {
      now.readsInput = true;
      awaited.push(text[1] ?? text[2] ?? text[3]!.replaceAll('\\', ''));
      at += text[0].length;
      continue;
    }
    const redirection = /^\d*(?:<<<|<>|<&|<|>>|>&|>\||>|&>>|&>)/.exec(rest);
    if (redirection) {
      if (/^0?</.test(redirection[0])) now.readsInput = true;
      isTarget = true;
      at += redirection[0].length;
      continue;
    }
    const operator = /^(?:&&|\|\||\|&|;;|[;&|()])/.exec(rest)?.[0];
    if (operator) {
      finish(at);
      if (operator === '(') depth++;
      if (operator === ')') depth = Math.max(0, depth - 1);
      now.isInBlock = depth > 0;
      isPiped = operator === '|' || operator === '|&';
      at += operator.length;
      continue;
    }
    const end = endOfWord(line, at);
    add({ text: unquoted(line.slice(at, end)), start: at, end });
    at = end;
  }
  finish(line.length);
  return found;
}

/** Behind the text that a line with `end` alone closes. */
function afterText(line: string, from: number, end: string): number {
  let at = from;
  while (at < line.length) {
    const next = line.indexOf('\n', at);
    const stop = next < 0 ? line.length : next;
    const text = line.slice(at, stop);
    at = Math.min(line.length, stop + 1);
    if (text.replace(/^\t+/, '') === end) break;
  }
  return at;
}

function endOfWord(line: string, from: number): number {
  let at = from;
  while (at < line.length && !/[\s;&|<>()]/.test(line[at]!)) at = afterPiece(line, at);
  // What can't begin a word is one by itself, so that there is an end.
  return Math.max(at, from + 1);
}

/** Behind one character, or behind what belongs together: an escape, quotes, an expansion. */
function afterPiece(line: string, at: number): number {
  const character = line[at]!;
  if (character === '\\') return at + 2;
  if (character === "'") return behind(line, at + 1, "'");
  if (character === '`') return behind(line, at + 1, '`');
  if (character === '"') {
    let next = at + 1;
    while (next < line.length && line[next] !== '"') next = line[next] === "'" ? next + 1 : afterPiece(line, next);
    return next + 1;
  }
  if (character !== '$' || !/[({]/.test(line[at + 1] ?? '')) return at + 1;
  const close = line[at + 1] === '(' ? ')' : '}';
  let next = at + 2;
  for (let depth = 1; next < line.length && depth > 0; ) {
    if (line[next] === '(' && close === ')') depth++;
    if (line[next] === close) depth--;
    next = afterPiece(line, next);
  }
  return next;
}

function behind(line: string, from: number, end: string): number {
  const found = line.indexOf(end, from);
  return found < 0 ? line.length : found + 1;
}

const unquoted = (word: string): string =>
  word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, (_all, single, double, escaped) => single ?? double ?? escaped ?? '');
