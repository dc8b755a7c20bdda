import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { ChatCompletionRequest, CompletionRequest, EmbeddingRequest } from '../../protocol/openAi.ts';
import type * as chat from '../chat.ts';
import { ChatChunks, chatCompletion, completionId, embeddings, textCompletion } from './answers.ts';
import { openAiError } from './errors.ts';
import { eventStream } from './eventStream.ts';
import { chatRequest, completionRequest } from './requests.ts';
import { shortened } from './shortened.ts';

/** The models behind OpenAI's API. `user` is whom a request names as its user. */
export interface Answering {
  chat(
    model: string,
    request: chat.ChatRequest,
    user: string,
    onPiece: (piece: chat.Piece) => void,
    signal: AbortSignal,
  ): Promise<chat.Answer>;
  complete(
    model: string,
    request: chat.CompletionRequest,
    user: string,
    onPiece: (piece: chat.Piece) => void,
    signal: AbortSignal,
  ): Promise<chat.Answer>;
  embed(model: string, request: chat.EmbedRequest, user: string, signal: AbortSignal): Promise<chat.Embedded>;
}

/** Below `/v1`. */
export type OpenAiRoute = '/chat/completions' | '/completions' | '/embeddings';

/** Answers a request of OpenAI's API, in one piece or as a stream of events. Throws what goes wrong before there is anything to tell. */
export function answerRequest(
  route: OpenAiRoute,
  asked: Record<string, unknown>,
  models: Answering,
  { signal, logger }: { signal: AbortSignal; logger: Logger },
): Promise<Response> {
  if (route === '/chat/completions') return chatCompletions(asked, models, signal, logger);
  return route === '/completions' ? completions(asked, models, signal, logger) : embed(asked, models, signal);
}

async function chatCompletions(asked: object, models: Answering, whole: AbortSignal, logger: Logger): Promise<Response> {
  const body = check(ChatCompletionRequest, asked, 'The request');
  const request = chatRequest(body);
  const run = (onPiece: (piece: chat.Piece) => void, signal: AbortSignal) =>
    models.chat(body.model, request, body.user ?? '', onPiece, signal);
  if (!body.stream) {
    const pieces: chat.Piece[] = [];
    const answer = await run((piece) => pieces.push(piece), whole);
    return Response.json(chatCompletion(body.model, pieces, answer));
  }
  const chunks = new ChatChunks(body.model);
  return eventStream({
    logger,
    signal: whole,
    begin: () => chunks.first(),
    run: (send, signal) => run((piece) => send(chunks.piece(piece)), signal),
    end: (answer) => [chunks.last(answer), ...(body.stream_options?.include_usage ? [chunks.usage(answer)] : [])],
    failed: openAiError,
  });
}

async function completions(asked: object, models: Answering, whole: AbortSignal, logger: Logger): Promise<Response> {
  const body = check(CompletionRequest, asked, 'The request');
  const request = completionRequest(body);
  const id = completionId();
  const run = (onText: (text: string) => void, signal: AbortSignal) =>
    models.complete(body.model, request, body.user ?? '', (piece) => 'text' in piece && onText(piece.text), signal);
  if (!body.stream) {
    let text = '';
    const { finish, usage } = await run((more) => {
      text += more;
    }, whole);
    return Response.json(textCompletion(id, body.model, text, finish, usage));
  }
  return eventStream({
    logger,
    signal: whole,
    run: (send, signal) => run((text) => send(textCompletion(id, body.model, text, null)), signal),
    end: ({ finish, usage }) => [textCompletion(id, body.model, '', finish, body.stream_options?.include_usage ? usage : undefined)],
    failed: openAiError,
  });
}

async function embed(asked: object, models: Answering, signal: AbortSignal): Promise<Response> {
  const body = check(EmbeddingRequest, asked, 'The request');
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  const empty = texts.indexOf('');
  if (empty >= 0) throw new UserError('InvalidRequest', `input: Text ${empty + 1} is empty. Leave it out.`);
  const { vectors, tokens } = await models.embed(body.model, { texts, isCut: body.truncate ?? false }, body.user ?? '', signal);
  return Response.json(embeddings(body.model, shortened(vectors, body.dimensions), tokens, body.encoding_format === 'base64'));
}
