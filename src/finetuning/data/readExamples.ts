import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { ExampleFile, ExampleMessage } from '../../protocol/finetuningForm.ts';
import { type ChatRow, chatRowOf, isBlankLine } from './chatRow.ts';
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

/** The rows of a file of examples. */
export interface Examples {
  told: ExampleFile;
  /** Of each row that can be learned from: its line, and how many characters it has. */
  lines: number[];
  characters: number[];
  /** Tells what a row says from what others say. */
  keys: Set<string>;
}

/**
 * Reads a JSON Lines file of examples: how many there are, what is wrong with which lines, which come again, and what the first look like. Of a line that is no example nothing is told but its
 * number and what is wrong with it. `isKnown` is asked for each row; how many it knows is told.
 */
export async function readExamples(file: string, signal: AbortSignal, isKnown: (key: string) => boolean = () => false): Promise<Examples> {
  const bytes = await sizeOf(file);
  const told: ExampleFile = {
    path: file,
    bytes,
    rows: 0,
    wrong: 0,
    duplicates: 0,
    known: 0,
    isPart: bytes > limits.bytes,
    forms: {},
    problems: [],
    first: [],
    characters: 0,
  };
  const found: Examples = { told, lines: [], characters: [], keys: new Set() };
  for await (const { line, row } of rowsOf(file, signal)) {
    if (told.rows === limits.rows) {
      told.isPart = true;
      break;
    }
    if (typeof row === 'string') {
      told.wrong++;
      if (told.problems.length < limits.problems) told.problems.push({ line, text: row });
      continue;
    }
    told.rows++;
    told.forms[row.form] = (told.forms[row.form] ?? 0) + 1;
    if (told.first.length < limits.shown) told.first.push({ line, messages: shownOf(row.messages) });
    const characters = row.messages.reduce((sum, { text }) => sum + text.length, 0);
    told.characters += characters;
    found.lines.push(line);
    found.characters.push(characters);
    const key = keyOf(row);
    if (found.keys.has(key)) told.duplicates++;
    else found.keys.add(key);
    if (isKnown(key)) told.known++;
  }
  return found;
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

async function* rowsOf(file: string, signal: AbortSignal): AsyncGenerator<{ line: number; row: ChatRow | string }> {
  for await (const portion of readLines(file, { mostBytes: limits.bytes, longest: limits.line, signal }))
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
