import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { ExampleFile, ExampleMessage } from '../../protocol/finetuningForm.ts';
import { type ChatRow, chatRowOf, isBlankLine } from './chatRow.ts';
import type { ExampleSource } from './exampleFiles.ts';
import { readLines } from './readLines.ts';

/** How much of a file is looked at, and how much of what is found is told. */
export const limits = {
  bytes: 256 << 20,
  rows: 500_000,
  /** Characters of a line. */
  line: 1 << 20,
  problems: 100,
  shown: 3,
  /** Messages of a row that is shown, and characters of each. */
  messages: 12,
  text: 1500,
};

/** Where a row is. */
export interface Place {
  file: string;
  line: number;
}

/** The rows of a file of examples, or of several. */
export interface Examples {
  told: ExampleFile;
  /** Of each row that can be learned from: where it is, and how many characters it has. */
  places: Place[];
  characters: number[];
  /** Tells what a row says from what others say. */
  keys: Set<string>;
}

/**
 * Reads JSON Lines files of examples as one: how many there are, what is wrong with which lines, which come again, and what the first look like. Of a line that is no example nothing is told but its
 * number and what is wrong with it. `isKnown` is asked for each row; how many it knows is told.
 */
export async function readExamples(
  { path: given, files }: ExampleSource,
  signal: AbortSignal,
  isKnown: (key: string) => boolean = () => false,
): Promise<Examples> {
  const told: ExampleFile = {
    path: given,
    files: files.length,
    bytes: 0,
    rows: 0,
    wrong: 0,
    duplicates: 0,
    known: 0,
    isPart: false,
    forms: {},
    problems: [],
    first: [],
    characters: 0,
  };
  const found: Examples = { told, places: [], characters: [], keys: new Set() };
  for (const file of files) {
    const bytes = await sizeOf(file);
    if (told.bytes + bytes > limits.bytes) told.isPart = true;
    const left = limits.bytes - told.bytes;
    told.bytes += bytes;
    for await (const { line, row } of rowsOf(file, left, signal)) {
      if (told.rows === limits.rows) {
        told.isPart = true;
        break;
      }
      const place = placeTold(given, file, line);
      if (typeof row === 'string') {
        told.wrong++;
        if (told.problems.length < limits.problems) told.problems.push({ ...place, text: row });
      } else {
        take(row, { file, line }, found, isKnown);
        if (told.first.length < limits.shown) told.first.push({ ...place, messages: shownOf(row.messages) });
      }
    }
  }
  return found;
}

/** The file is told where there may be several. */
export const placeTold = (given: string, file: string, line: number): { file?: string; line: number } => ({
  ...(given === file ? {} : { file: path.relative(given, file) }),
  line,
});

function take(row: ChatRow, place: Place, { told, places, characters, keys }: Examples, isKnown: (key: string) => boolean): void {
  told.rows++;
  told.forms[row.form] = (told.forms[row.form] ?? 0) + 1;
  const count = row.messages.reduce((sum, { text }) => sum + text.length, 0);
  told.characters += count;
  places.push(place);
  characters.push(count);
  const key = keyOf(row);
  if (keys.has(key)) told.duplicates++;
  else keys.add(key);
  if (isKnown(key)) told.known++;
}

/** The rows on some lines, in their order. A line that is none any more, since the file was changed, is left out. */
export async function* readRows(
  file: string,
  lines: ReadonlySet<number>,
  signal: AbortSignal,
): AsyncGenerator<{ line: number; row: ChatRow }> {
  let left = lines.size;
  await sizeOf(file);
  for await (const portion of readLines(file, { mostBytes: limits.bytes, longest: limits.line, signal }))
    for (const { number, text } of portion) {
      if (!lines.has(number)) continue;
      const row = text === undefined ? '' : chatRowOf(text);
      if (typeof row !== 'string') yield { line: number, row };
      if (--left === 0) return;
    }
}

async function* rowsOf(file: string, mostBytes: number, signal: AbortSignal): AsyncGenerator<{ line: number; row: ChatRow | string }> {
  for await (const portion of readLines(file, { mostBytes, longest: limits.line, signal }))
    for (const { number: line, text } of portion) {
      if (text === undefined) yield { line, row: `it has more than ${limits.line.toLocaleString('en')} characters` };
      else if (!isBlankLine(text)) yield { line, row: chatRowOf(text) };
    }
}

/** Bytes of a file that may be read. A pipe or a device would never end. */
async function sizeOf(file: string): Promise<number> {
  if (!path.isAbsolute(file)) throw new UserError('InvalidArgument', `${file} is no absolute path.`, 'Give the whole path of the file.');
  if (!/\.(?:jsonl|ndjson|json)$/i.test(file))
    throw new UserError('InvalidArgument', `${path.basename(file)} is no JSON Lines file by its name.`, 'Its name ends with .jsonl.');
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') throw new UserError('Forbidden', `${file} may not be read.`);
    throw new UserError('NotFound', `There is no file ${file}.`);
  });
  if (found.isDirectory()) throw new UserError('InvalidArgument', `${file} is a folder.`, 'Choose one .jsonl file.');
  if (!found.isFile()) throw new UserError('InvalidArgument', `${file} is no file.`);
  return found.size;
}

const shownOf = (messages: ExampleMessage[]): ExampleMessage[] =>
  messages
    .slice(0, limits.messages)
    .map(({ role, text }) => ({ role, text: text.length > limits.text ? `${text.slice(0, limits.text).toWellFormed()}…` : text }));

/** 96 bits of a hash are enough for rows of a file. */
const keyOf = ({ messages }: ChatRow): string =>
  createHash('sha256')
    .update(JSON.stringify(messages.map(({ role, text }) => [role, text])))
    .digest('base64')
    .slice(0, 16);
