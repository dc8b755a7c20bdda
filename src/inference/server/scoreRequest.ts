import { UserError } from '../../base/userError.ts';

interface Chat extends Record<string, unknown> {
  messages: unknown;
}

/**
 * Answers a request to `/score`. Azure's own body for language models is `{"input_data": {"input_string": [messages], "parameters": {…}}}`: the answer is `{"output": text}`. A body with `messages` is
 * OpenAI's: the answer is a chat completion. Source: samples of the model catalogue, https://github.com/Azure/azureml-examples (sdk/python/foundation-models/system/inference/text-generation).
 */
export async function scoreRequest(
  body: Record<string, unknown>,
  model: string,
  answer: (chat: Chat) => Promise<Response>,
): Promise<Response> {
  if (body.messages !== undefined) return answer({ ...body, messages: body.messages, model });
  const { input_string: input, parameters } = (body.input_data ?? {}) as { input_string?: unknown; parameters?: Record<string, unknown> };
  const messages = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  if (!Array.isArray(messages))
    throw new UserError(
      'InvalidRequest',
      'The body has neither "messages", as OpenAI has them, nor "input_data" with an "input_string", as Azure has it.',
      'Send {"messages": [{"role": "user", "content": "…"}]}.',
    );
  const { max_new_tokens, max_tokens = max_new_tokens, temperature, top_p, top_k, stop, seed } = parameters ?? {};
  const given = Object.entries({ max_tokens, temperature, top_p, top_k, stop, seed }).filter(([, value]) => value !== undefined);
  const response = await answer({ model, messages, ...Object.fromEntries(given) });
  if (!response.ok) return response;
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return Response.json({ output: choices[0]!.message.content });
}
