import path from 'node:path';
import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import type { LocalModel } from '../../../catalog/localModel.ts';
import type { Answer, Piece } from '../../../inference/chat.ts';
import { ChatChunks, chatCompletion, completionId, embeddings, textCompletion } from '../../../inference/openai/answers.ts';
import { chatRequest, completionRequest } from '../../../inference/openai/requests.ts';
import { check } from '../../../protocol/check.ts';
import { ChatCompletionRequest, CompletionRequest, EmbeddingRequest, type TokensAnswer, TokensRequest } from '../../../protocol/openAi.ts';
import { openAiError } from '../../errors.ts';
import type { PlaneServices } from '../../services.ts';
import { jsonBody } from '../arm/request.ts';
import { eventStream } from './eventStream.ts';

export async function listModels(c: Context, { models }: PlaneServices): Promise<Response> {
  return c.json({ object: 'list', data: (await (await models()).list()).map(modelOf) });
}

export async function getModel(c: Context, { models }: PlaneServices): Promise<Response> {
  const name = c.req.param('name');
  const model = (await (await models()).list()).find((each) => each.name === name);
  if (!model) throw new UserError('NotFound', `There is no model "${name}" that runs on this machine.`);
  return c.json(modelOf(model));
}

const modelOf = ({ name, place, facts }: LocalModel) => ({
  id: name,
  object: 'model',
  created: 0,
  owned_by: place.label,
  ...(facts?.contextLength ? { context_length: facts.contextLength } : {}),
});

export async function chatCompletions(c: Context, { models, logger }: PlaneServices): Promise<Response> {
  const body = check(ChatCompletionRequest, await jsonBody(c), 'The request');
  mayUse(c, body.model);
  const request = chatRequest(body);
  const caller = callerOf(c, body.user);
  const all = await models();
  const run = (onPiece: (piece: Piece) => void, signal: AbortSignal) =>
    all.use(body.model, (model) => model.chat(request, caller, onPiece, signal));
  if (!body.stream) {
    const pieces: Piece[] = [];
    const answer = await run((piece) => pieces.push(piece), c.req.raw.signal);
    return c.json(chatCompletion(body.model, pieces, answer));
  }
  const chunks = new ChatChunks(body.model);
  return eventStream({
    logger,
    begin: () => chunks.first(),
    run: (send, signal) => run((piece) => send(chunks.piece(piece)), signal),
    end: (answer) => [chunks.last(answer), ...(body.stream_options?.include_usage ? [chunks.usage(answer)] : [])],
    failed: openAiError,
  });
}

export async function completions(c: Context, { models, logger }: PlaneServices): Promise<Response> {
  const body = check(CompletionRequest, await jsonBody(c), 'The request');
  mayUse(c, body.model);
  const request = completionRequest(body);
  const caller = callerOf(c, body.user);
  const id = completionId();
  const all = await models();
  const run = (onText: (text: string) => void, signal: AbortSignal): Promise<Answer> =>
    all.use(body.model, (model) => model.complete(request, caller, (piece) => 'text' in piece && onText(piece.text), signal));
  if (!body.stream) {
    let text = '';
    const { finish, usage } = await run((more) => {
      text += more;
    }, c.req.raw.signal);
    return c.json(textCompletion(id, body.model, text, finish, usage));
  }
  return eventStream({
    logger,
    run: (send, signal) => run((text) => send(textCompletion(id, body.model, text, null)), signal),
    end: ({ finish, usage }) => [textCompletion(id, body.model, '', finish, body.stream_options?.include_usage ? usage : undefined)],
    failed: openAiError,
  });
}

/** How many tokens a text has for a model. It is not of OpenAI's API. */
export async function countTokens(c: Context, { models }: PlaneServices): Promise<Response> {
  const { model: name, text } = check(TokensRequest, await jsonBody(c), 'The request');
  mayUse(c, name);
  const tokens = await (await models()).use(name, (model) => model.count(text, c.req.raw.signal));
  return c.json({ tokens } satisfies TokensAnswer);
}

export async function embed(c: Context, { models }: PlaneServices): Promise<Response> {
  const body = check(EmbeddingRequest, await jsonBody(c), 'The request');
  mayUse(c, body.model);
  if (body.dimensions) throw new UserError('InvalidRequest', 'dimensions: The length of a vector is the model’s own here.');
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  const caller = callerOf(c, body.user);
  const { vectors, tokens } = await (await models()).use(body.model, (model) => model.embed(texts, caller, c.req.raw.signal));
  return c.json(embeddings(body.model, vectors, tokens, body.encoding_format === 'base64'));
}

/** A model that is asked for. Files are named by the owner alone: a job has no say in what this process reads. */
function mayUse(c: Context, model: string): void {
  if (path.isAbsolute(model) && c.get('asked').principal.kind !== 'owner')
    throw new UserError('Forbidden', 'A model is named by its path by the owner of the control plane alone. Name one of /v1/models.');
}

/** Who takes turns with others: the principal, and whom it names as the user. */
const callerOf = (c: Context, user: string | null | undefined): string => `${c.get('asked').principal.id} ${user ?? ''}`;
