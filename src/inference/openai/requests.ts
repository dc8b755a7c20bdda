import { UserError } from '../../base/userError.ts';
import { type ChatCompletionRequest, type CompletionRequest, isTextPart } from '../../protocol/openAi.ts';
import type * as chat from '../chat.ts';
import { grammarSchema, looseGrammarSchema } from '../grammarSchema.ts';

/** As llama.cpp's server has them where a request says nothing: OpenAI's own defaults are made for much larger models. */
const defaults = { temperature: 0.8, topP: 0.95, topK: 40, minP: 0.05 };

/** What a chat completion asks for, in the engine's words. Throws `InvalidRequest` for what no model here can do. */
export function chatRequest(body: ChatCompletionRequest): chat.ChatRequest {
  if (body.top_logprobs && !body.logprobs) throw unsupported('top_logprobs', 'It is told together with "logprobs": true only.');
  const choice = body.tool_choice ?? 'auto';
  const tools = choice === 'none' ? [] : (body.tools ?? []).map(toolOf);
  if (typeof choice === 'object' && !tools.some(({ name }) => name === choice.function.name))
    throw new UserError('InvalidRequest', `tool_choice names "${choice.function.name}", which is none of the tools.`);
  const json = jsonOf(body);
  if (json && tools.length)
    throw unsupported('response_format', 'A model here either calls tools or answers in JSON. Leave out one of the two.');
  return {
    ...generationOf(body, body.max_completion_tokens ?? body.max_tokens, body.logprobs ? (body.top_logprobs ?? 0) : undefined),
    messages: body.messages.map(messageOf),
    ...(tools.length
      ? { tools, toolChoice: typeof choice === 'object' ? { name: choice.function.name } : (choice as 'auto' | 'required') }
      : {}),
    ...(json ? { json } : {}),
  };
}

export function completionRequest(body: CompletionRequest): chat.CompletionRequest {
  const { prompt } = body;
  return { ...generationOf(body, body.max_tokens, body.logprobs ?? undefined), prompt: typeof prompt === 'string' ? prompt : prompt[0]! };
}

type Common = Pick<
  CompletionRequest,
  'temperature' | 'top_p' | 'top_k' | 'min_p' | 'seed' | 'stop' | 'frequency_penalty' | 'presence_penalty'
>;

function generationOf(body: Common, maxTokens: number | null | undefined, alternatives: number | undefined): chat.Generation {
  const { stop } = body;
  return {
    sampling: {
      temperature: body.temperature ?? defaults.temperature,
      topP: body.top_p ?? defaults.topP,
      topK: body.top_k ?? defaults.topK,
      minP: body.min_p ?? defaults.minP,
      ...(body.seed === null || body.seed === undefined ? {} : { seed: body.seed >>> 0 }),
      frequencyPenalty: body.frequency_penalty ?? 0,
      presencePenalty: body.presence_penalty ?? 0,
    },
    ...(maxTokens ? { maxTokens } : {}),
    ...(alternatives === undefined ? {} : { alternatives }),
    stop: (typeof stop === 'string' ? [stop] : (stop ?? [])).filter(Boolean),
  };
}

function messageOf({ role, content, tool_calls, tool_call_id }: ChatCompletionRequest['messages'][number]): chat.ChatMessage {
  const text = textOf(content);
  if (role === 'tool') {
    if (!tool_call_id) throw new UserError('InvalidRequest', 'A message of the role "tool" needs its tool_call_id.');
    return { role, callId: tool_call_id, text };
  }
  if (role === 'assistant')
    return {
      role,
      text,
      ...(tool_calls?.length ? { calls: tool_calls.map(({ id, function: called }) => ({ id, ...called })) } : {}),
    };
  return { role: role === 'user' ? 'user' : 'system', text };
}

function textOf(content: ChatCompletionRequest['messages'][number]['content']): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  return content
    .map((part) => {
      if (isTextPart(part)) return part.text;
      throw unsupported('messages', `Parts of the type "${part.type.slice(0, 40)}" are not read here: the models take text.`);
    })
    .join('');
}

function toolOf({ function: { name, description, parameters, strict } }: NonNullable<ChatCompletionRequest['tools']>[number]): chat.Tool {
  return {
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters: (strict ? grammarSchema : looseGrammarSchema)(parameters, `the parameters of ${name}`) } : {}),
  };
}

function jsonOf({ response_format: format }: ChatCompletionRequest): 'any' | object | undefined {
  if (format?.type === 'json_object') return 'any';
  return format?.type === 'json_schema' ? grammarSchema(format.json_schema.schema, 'response_format.json_schema.schema') : undefined;
}

const unsupported = (param: string, message: string) => new UserError('InvalidRequest', `${param}: ${message}`);
