import { sameShape } from '../shared/host/pageState.ts';

/** A function that a model has asked for. */
export interface Call {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
  /** What the person says came of it. */
  result: string;
  /** Calls of one answer of the model have the same number. */
  round: number;
  /** What the model wrote before the first call of a round. */
  said: string;
}

/** What a model answered, and what that took. Numbers are 0 where they are not known. */
export interface Answer {
  text: string;
  /** What it thought before. */
  thoughts: string;
  /** What it asked for before, or asks for now. */
  calls: Call[];
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
  calls: [],
  end: '',
  error: '',
  promptTokens: 0,
  cachedTokens: 0,
  tokens: 0,
  firstMs: 0,
  ms: 0,
};

/** What a page kept, which may come from another version: each turn is like this one. */
const callLike: Call = { id: '', name: '', arguments: '', result: '', round: 0, said: '' };
export const turnLike: Turn = { id: 0, prompt: '', answers: { '': { ...noAnswer, calls: [callLike] } } };

/** How a model is asked. Empty texts: the model's own. */
export interface Settings {
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  seed: string;
  schema: string;
  /** Functions that the model may ask for, as JSON. */
  tools: string;
}
export const noSettings: Settings = { system: '', temperature: '', topP: '', maxTokens: '', seed: '', schema: '', tools: '' };
export const isSettings = (value: unknown): value is Settings => sameShape(value, noSettings);

/** What is wrong with a setting; undefined when nothing is. */
export function faultOf(key: keyof Settings, value: string): string | undefined {
  const text = value.trim();
  if (text === '' || key === 'system') return undefined;
  if (key === 'schema') return schemaFault(text);
  if (key === 'tools') return toolsFault(text);
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

function toolsFault(text: string): string | undefined {
  try {
    return toolsOf(text).every(({ function: { name } }) => typeof name === 'string' && /^[\w.-]{1,64}$/.test(name))
      ? undefined
      : 'Each function has a name of letters, digits, _, . and -.';
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
}

interface Tool {
  type: 'function';
  function: { name?: unknown };
}

/** One function or a list, each as it is, or as OpenAI wraps it. */
function toolsOf(text: string): Tool[] {
  const value: unknown = JSON.parse(text);
  return (Array.isArray(value) ? value : [value]).map((each: { name?: unknown; function?: { name?: unknown } } | null) => ({
    type: 'function',
    function: each?.function ?? (each as { name?: unknown } | null) ?? {},
  }));
}

export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[] }
  | { role: 'tool'; tool_call_id: string; content: string };

/** Calls and what came of them, as the model is told of them. */
const messagesOf = (calls: readonly Call[]): Message[] =>
  [...new Set(calls.map(({ round }) => round))].flatMap((round): Message[] => {
    const of = calls.filter((each) => each.round === round);
    return [
      {
        role: 'assistant',
        content: of[0]!.said,
        tool_calls: of.map(({ id, name, arguments: given }) => ({ id, type: 'function', function: { name, arguments: given } })),
      },
      ...of.map(({ id, result }): Message => ({ role: 'tool', tool_call_id: id, content: result })),
    ];
  });

/** What one model is sent: the conversation as it went with this model, up to the prompt of the last turn. */
export function requestOf(model: string, turns: readonly Turn[], settings: Settings) {
  const messages: Message[] = settings.system.trim() ? [{ role: 'system', content: settings.system }] : [];
  for (const [index, { prompt, answers }] of turns.entries()) {
    messages.push({ role: 'user', content: prompt });
    const { calls = [], text: answer } = answers[model] ?? {};
    messages.push(...messagesOf(calls));
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
    ...(settings.tools.trim() ? { tools: toolsOf(settings.tools) } : {}),
    ...(settings.schema.trim()
      ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: JSON.parse(settings.schema) as object } } }
      : {}),
  };
}

/** Tokens a second, without the first, which waits for the prompt to be read; undefined for fewer than two. */
export const speedOf = ({ tokens, firstMs, ms }: Answer): number | undefined =>
  tokens > 1 && ms > firstMs ? ((tokens - 1) * 1000) / (ms - firstMs) : undefined;
