import { sameShape } from '../shared/host/pageState.ts';

/** What a model answered, and what that took. Numbers are 0 where they are not known. */
export interface Answer {
  text: string;
  /** What it thought before. */
  thoughts: string;
  /** `length`: it came to the limit of tokens. `stopped`: by the person. `failed`: see `error`. */
  end: '' | 'stop' | 'length' | 'tool_calls' | 'stopped' | 'failed';
  error: string;
  promptTokens: number;
  cachedTokens: number;
  tokens: number;
  /** Milliseconds until the first token, and until the last. */
  firstMs: number;
  ms: number;
}

/** A prompt, and the answers to it by model. */
export interface Turn {
  id: number;
  prompt: string;
  answers: Record<string, Answer>;
}

export const noAnswer: Answer = {
  text: '',
  thoughts: '',
  end: '',
  error: '',
  promptTokens: 0,
  cachedTokens: 0,
  tokens: 0,
  firstMs: 0,
  ms: 0,
};

/** What a page kept, which may come from another version: each turn is like this one. */
export const turnLike: Turn = { id: 0, prompt: '', answers: { '': noAnswer } };

/** How a model is asked. Empty texts: the model's own. */
export interface Settings {
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  seed: string;
  schema: string;
}
export const noSettings: Settings = { system: '', temperature: '', topP: '', maxTokens: '', seed: '', schema: '' };
export const isSettings = (value: unknown): value is Settings => sameShape(value, noSettings);

/** What is wrong with a setting; undefined when nothing is. */
export function faultOf(key: keyof Settings, value: string): string | undefined {
  const text = value.trim();
  if (text === '' || key === 'system') return undefined;
  if (key === 'schema') return schemaFault(text);
  const number = Number(text);
  const { least, most, isWhole } = ranges[key];
  if (Number.isNaN(number) || number < least || number > most || (isWhole && !Number.isInteger(number)))
    return `${isWhole ? 'A whole number' : 'A number'} ${most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`}.`;
  return undefined;
}

const ranges = {
  temperature: { least: 0, most: 2, isWhole: false },
  topP: { least: 0, most: 1, isWhole: false },
  maxTokens: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  seed: { least: 0, most: 4294967295, isWhole: true },
} as const;

function schemaFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'A JSON schema is an object.';
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
}

type Message = { role: 'system' | 'user' | 'assistant'; content: string };

/** What one model is sent: the conversation as it went with this model, up to the prompt of the last turn. */
export function requestOf(model: string, turns: readonly Turn[], settings: Settings) {
  const messages: Message[] = settings.system.trim() ? [{ role: 'system', content: settings.system }] : [];
  for (const [index, { prompt, answers }] of turns.entries()) {
    messages.push({ role: 'user', content: prompt });
    const answer = answers[model]?.text;
    if (index < turns.length - 1 && answer) messages.push({ role: 'assistant', content: answer });
  }
  const number = (text: string, key: string) => (text.trim() ? { [key]: Number(text) } : {});
  return {
    model,
    messages,
    ...number(settings.temperature, 'temperature'),
    ...number(settings.topP, 'top_p'),
    ...number(settings.maxTokens, 'max_tokens'),
    ...number(settings.seed, 'seed'),
    ...(settings.schema.trim()
      ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: JSON.parse(settings.schema) as object } } }
      : {}),
  };
}

/** Tokens a second, without the first, which waits for the prompt to be read; undefined for fewer than two. */
export const speedOf = ({ tokens, firstMs, ms }: Answer): number | undefined =>
  tokens > 1 && ms > firstMs ? ((tokens - 1) * 1000) / (ms - firstMs) : undefined;
