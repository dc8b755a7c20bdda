import type { ExampleForm, ExampleMessage } from '../../protocol/finetuningForm.ts';

/** A row to learn from: a conversation whose last message is the answer. */
export interface ChatRow {
  form: ExampleForm;
  messages: ExampleMessage[];
}

const roles = ['system', 'user', 'assistant', 'tool'];

/** What Python takes for white space, of which a line may consist. */
const isBlank = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;
export const isBlankLine = (line: string): boolean => isBlank.test(line);

/** The row of a line, or what is wrong with it. The rules and their words are those of `pipeline/code/examples.py`, which reads the data again when the job runs. */
export function chatRowOf(line: string): ChatRow | string {
  try {
    return readRow(line);
  } catch (error) {
    // Lists in lists in lists, as nobody writes them who wants something learned.
    if (error instanceof RangeError) return 'it is nested too deeply';
    throw error;
  }
}

function readRow(line: string): ChatRow | string {
  const value = jsonOf(line);
  if (value === undefined) return noJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object';
  const row = formOf(value as Record<string, unknown>);
  if (typeof row === 'string') return row;
  if (isBlankLine(row.messages.at(-1)!.text)) return 'its answer is empty';
  if (!row.messages.every(({ text }) => text.isWellFormed())) return 'its text has half of a character (a lone surrogate)';
  return row;
}

function formOf(row: Record<string, unknown>): ChatRow | string {
  const has = (key: string) => Object.hasOwn(row, key);
  if (has('messages')) {
    const messages = messagesOf(row.messages);
    return typeof messages === 'string' ? messages : { form: 'messages', messages };
  }
  if (has('prompt') && (has('completion') || has('response')))
    return turn('prompt', row.prompt, has('completion') ? row.completion : row.response);
  if (has('instruction') && has('output')) {
    const { instruction } = row;
    const more = isSomething(row.input) ? row.input : '';
    if (typeof more !== 'string') return 'its "input" is no text';
    return turn('instruction', more && typeof instruction === 'string' ? `${instruction}\n\n${more}` : instruction, row.output);
  }
  return 'it has neither "messages", nor "prompt" and "completion", nor "instruction" and "output"';
}

function messagesOf(list: unknown): ExampleMessage[] | string {
  if (!Array.isArray(list) || list.length === 0) return '"messages" is no list with messages';
  for (const [at, message] of list.entries()) {
    const { role, content } = (typeof message === 'object' && message !== null && !Array.isArray(message) ? message : {}) as Record<
      string,
      unknown
    >;
    if (!roles.includes(role as string)) return `message ${at + 1} has no "role" of ${roles.join(', ')}`;
    if (typeof content !== 'string') return `message ${at + 1} has no text as its "content"`;
  }
  const messages = (list as { role: string; content: string }[]).map(({ role, content }) => ({ role, text: content }));
  return messages.at(-1)!.role === 'assistant' ? messages : "the last message is not the assistant's, so there is nothing to learn";
}

function turn(form: ExampleForm, question: unknown, answer: unknown): ChatRow | string {
  if (typeof question !== 'string' || typeof answer !== 'string') return 'its question or its answer is no text';
  return {
    form,
    messages: [
      { role: 'user', text: question },
      { role: 'assistant', text: answer },
    ],
  };
}

/** As Python decides whether there is an input. */
function isSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Python writes and reads these names of numbers, which are no JSON. Nobody learns from them: what counts is that the rest of the row is read.
    // A text that does not end is taken to the end of the line, so that the search goes over the line once.
    const numbers = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\bInfinity\b|\bNaN\b/g;
    const without = line.replace(numbers, (found) => (found.startsWith('"') ? found : '1'));
    if (without === line) return undefined;
    try {
      return JSON.parse(without);
    } catch {
      return undefined;
    }
  }
}

/** Without the words of the engine, which repeat what stands there: the file may be none that was meant to be shown. */
function noJson(line: string): string {
  if (line.startsWith('\ufeff')) return 'it is no JSON (a byte order mark stands before it)';
  try {
    JSON.parse(line);
  } catch (error) {
    const { message } = error as Error;
    const column = /\(line 1 column (\d+)\)/.exec(message)?.[1];
    if (column !== undefined) return `it is no JSON (column ${column})`;
    if (/Unexpected end/.test(message)) return `it is no JSON (it ends too early, column ${line.length + 1})`;
  }
  return 'it is no JSON';
}
