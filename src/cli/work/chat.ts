import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { formatBytes } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { chatStream } from '../../client/chatStream.ts';
import type { Http } from '../../client/http.ts';
import { inferenceEngines, installInferenceEngine } from '../../client/inferenceEngines.ts';
import type { OpenAiUsage } from '../../protocol/openAi.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text, whole } from '../parsed.ts';

interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** Talks to a model of this machine: one prompt and its answer, or, on a terminal without a prompt, a conversation. */
export async function chat(parsed: Parsed): Promise<Outcome> {
  const [named, ...rest] = parsed.positionals;
  if (!named) throw new UserError('InvalidArgument', 'MODEL is missing.', 'List the models of this machine with "updraft model catalog".');
  const file = path.resolve(named);
  const model = /\.gguf$/i.test(named) && existsSync(file) ? file : named;
  const fixed = {
    model,
    ...numberOf(parsed, 'temperature'),
    ...numberOf(parsed, 'top-p', 'top_p'),
    ...(whole(parsed, 'seed') === undefined ? {} : { seed: whole(parsed, 'seed') }),
    ...(whole(parsed, 'max-tokens') === undefined ? {} : { max_tokens: whole(parsed, 'max-tokens') }),
    ...schemaOf(text(parsed, 'schema')),
  };
  const { client } = await connect(parsed);
  await installEngine(client.http);
  const system = text(parsed, 'system');
  const messages: Message[] = system ? [{ role: 'system', content: system }] : [];
  const prompt = rest.join(' ') || (process.stdin.isTTY ? '' : await readAll(process.stdin));
  if (!prompt && !process.stdin.isTTY)
    throw new UserError('InvalidArgument', 'There is no prompt.', 'Give it behind the model, or on standard input.');
  if (!prompt) return converse(client.http, fixed, messages);
  messages.push({ role: 'user', content: prompt });
  const asJson = parsed.values.output === 'json';
  const { answer, finish, usage } = await ask(client.http, { ...fixed, messages }, (piece) => !asJson && process.stdout.write(piece));
  if (!asJson) process.stdout.write('\n');
  return asJson ? { value: { answer, finish_reason: finish, usage } } : {};
}

/** Gets the program that runs models, when it is not there yet, and says how far it is. */
async function installEngine(http: Http): Promise<void> {
  const engine = (await inferenceEngines(http)).find(({ format }) => format === 'gguf');
  if (!engine || engine.isInstalled) return;
  process.stderr.write(`Getting ${engine.title}, which runs the models: ${formatBytes(engine.bytes)}, once.\n`);
  if (engine.advice) process.stderr.write(`${engine.advice}\n`);
  let shown = -1;
  for await (const { bytes, of } of installInferenceEngine(http, engine.format)) {
    const tenth = Math.floor((bytes / of) * 10);
    if (tenth > shown) process.stderr.write(`  ${tenth * 10} %\n`);
    shown = tenth;
  }
}

async function ask(http: Http, body: object, onPiece: (piece: string) => void, signal?: AbortSignal) {
  let [answer, finish] = ['', ''];
  let usage: OpenAiUsage | undefined;
  for await (const { choices, usage: used } of chatStream(http, body, signal)) {
    const piece = choices[0]?.delta.content ?? '';
    answer += piece;
    onPiece(piece);
    finish = choices[0]?.finish_reason ?? finish;
    usage = used ?? usage;
  }
  return { answer, finish, usage };
}

/** Asks for prompts until the end of the input. Ctrl+C ends the answer that is being made, and at the prompt the conversation. */
async function converse(http: Http, fixed: object, messages: Message[]): Promise<Outcome> {
  process.stderr.write('Ctrl+C ends an answer, Ctrl+D the conversation.\n');
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  let stop: AbortController | undefined;
  lines.on('SIGINT', () => (stop ? stop.abort() : lines.close()));
  lines.prompt();
  for await (const line of lines) {
    if (line.trim()) {
      messages.push({ role: 'user', content: line });
      stop = new AbortController();
      let answer = '';
      try {
        await ask(
          http,
          { ...fixed, messages },
          (piece) => {
            answer += piece;
            process.stdout.write(piece);
          },
          stop.signal,
        );
      } catch (error) {
        if (!stop.signal.aborted) process.stderr.write(`${messageOf(error)}\n`);
      }
      messages.push({ role: 'assistant', content: answer });
      stop = undefined;
      process.stdout.write('\n');
    }
    lines.prompt();
  }
  return {};
}

function numberOf(parsed: Parsed, option: string, key = option): Record<string, number> {
  const given = text(parsed, option);
  if (given === undefined) return {};
  const value = Number(given);
  if (given.trim() === '' || Number.isNaN(value)) throw new UserError('InvalidArgument', `--${option}: "${given}" is no number.`);
  return { [key]: value };
}

function schemaOf(file: string | undefined): object {
  if (file === undefined) return {};
  try {
    const schema: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } };
  } catch (error) {
    throw new UserError('InvalidArgument', `--schema: ${file} can't be read as JSON: ${messageOf(error)}`);
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let all = '';
  for await (const chunk of input.setEncoding('utf8')) all += chunk;
  return all.trim();
}
