import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { readSafetensorsHeader } from '../../catalog/headers/readSafetensors.ts';
import { readSpan } from '../../files/readSpan.ts';

/** What torch has found: tokens, and for each that is predicted the logits of the whole vocabulary. */
export interface ReferencePrompt {
  tokens: number[];
  /** The text before `from`, where the reference has it: the engine must read it as the same tokens. */
  text?: string;
  /** The first token that is predicted. */
  from: number;
  /** Numbers of a row of logits. */
  vocabulary: number;
  /** The logits for the token at `from + row`. */
  logits(row: number): Promise<Float32Array>;
}

/** Bytes of `reference.json`. */
const mostBytes = 64 << 20;
const mostPrompts = 10_000;

/**
 * Opens `reference.json` and `reference.safetensors` of a folder for some work with them. Rows are read when they are asked for.
 * @throws {UserError} where they are not there, or do not fit each other.
 */
export async function withReference<T>(folder: string, work: (prompts: ReferencePrompt[]) => Promise<T>): Promise<T> {
  const [list, file] = [path.join(folder, 'reference.json'), path.join(folder, 'reference.safetensors')];
  for (const each of [list, file])
    if (!(await stat(each).catch(() => undefined))?.isFile()) throw wrong(folder, `there is no ${path.basename(each)}`);
  const prompts = await promptsOf(folder, list);
  const tensors = new Map((await readSafetensorsHeader(file)).map((tensor) => [tensor.name, tensor]));
  const handle = await open(file);
  try {
    return await work(
      prompts.map(({ tokens, from, text }, at) => {
        const tensor = tensors.get(`logits.${at}`);
        if (!tensor) throw wrong(folder, `reference.safetensors has no logits.${at}`);
        const [rows, vocabulary] = tensor.shape as [number, number];
        if (tensor.type !== 'F32' || tensor.shape.length !== 2 || rows !== tokens.length - from || !vocabulary)
          throw wrong(
            folder,
            `logits.${at} is ${tensor.type} ${tensor.shape.join(' x ')}, and must be F32 ${tokens.length - from} x the vocabulary`,
          );
        return {
          tokens,
          from,
          ...(text === undefined ? {} : { text }),
          vocabulary,
          logits: (row: number) => rowOf(handle, tensor.from + row * vocabulary * 4, vocabulary),
        };
      }),
    );
  } finally {
    await handle.close();
  }
}

async function rowOf(handle: FileHandle, from: number, vocabulary: number): Promise<Float32Array> {
  const { buffer } = await readSpan(handle, { from, to: from + vocabulary * 4 });
  return new Float32Array(buffer);
}

/** Texts and their tokens, of a file that the step writes which prepares the data. Throws a `UserError` where it is not that. */
export async function promptsIn(file: string): Promise<{ text: string; tokens: number[] }[]> {
  const { prompts } = await jsonOf(path.dirname(file), file);
  if (!isList(prompts)) throw wrong(path.dirname(file), `${path.basename(file)} has no list of prompts`);
  return prompts.map((prompt, at) => {
    const { text, tokens } = (prompt ?? {}) as { text?: unknown; tokens?: unknown };
    if (typeof text !== 'string' || !areTokens(tokens) || tokens.length < 2)
      throw wrong(path.dirname(file), `prompt ${at} of ${path.basename(file)} has no text with its tokens`);
    return { text, tokens };
  });
}

async function promptsOf(folder: string, file: string): Promise<{ tokens: number[]; from: number; text?: string }[]> {
  const { prompts } = await jsonOf(folder, file);
  if (!isList(prompts)) throw wrong(folder, 'reference.json has no list of prompts');
  return prompts.map((prompt, at) => {
    const { tokens, from, text } = (prompt ?? {}) as { tokens?: unknown; from?: unknown; text?: unknown };
    if (!areTokens(tokens)) throw wrong(folder, `prompt ${at} has no list of tokens`);
    if (!Number.isSafeInteger(from) || (from as number) < 1 || (from as number) >= tokens.length)
      throw wrong(folder, `"from" of prompt ${at} must be between 1 and ${tokens.length - 1}`);
    if (text !== undefined && typeof text !== 'string') throw wrong(folder, `"text" of prompt ${at} is no text`);
    return { tokens, from: from as number, ...(text === undefined ? {} : { text }) };
  });
}

async function jsonOf(folder: string, file: string): Promise<{ prompts?: unknown }> {
  const size = (await stat(file).catch(() => undefined))?.size;
  if (size === undefined) throw wrong(folder, `there is no ${path.basename(file)}`);
  if (size > mostBytes) throw wrong(folder, `${path.basename(file)} is too large`);
  try {
    return (JSON.parse(await readFile(file, 'utf8')) ?? {}) as { prompts?: unknown };
  } catch (error) {
    throw wrong(folder, `${path.basename(file)} is no JSON: ${(error as Error).message}`);
  }
}

const isList = (prompts: unknown): prompts is unknown[] => Array.isArray(prompts) && prompts.length > 0 && prompts.length <= mostPrompts;
const areTokens = (tokens: unknown): tokens is number[] =>
  Array.isArray(tokens) && tokens.every((each) => Number.isSafeInteger(each) && each >= 0);

const wrong = (folder: string, why: string): UserError =>
  new UserError('InvalidArgument', `The reference in ${folder} can't be used: ${why}.`, 'The step that trains or evaluates writes it.');
