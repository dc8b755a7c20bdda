import type { Logger } from '../../base/logger.ts';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { ChatCompletionRequest, CompletionRequest, EmbeddingRequest } from '../../protocol/openAi.ts';
import type * as chat from '../chat.ts';
import { ChatChunks, chatCompletion, embeddings, TextChunks } from './answers.ts';
import { openAiError } from './errors.ts';
import { eventStream } from './eventStream.ts';
import { chatRequest, completionRequest } from './requests.ts';
import { seededFor, severalAnswers, wholeUsage } from './severalAnswers.ts';
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
  const count = body.n ?? 1;
  const run = (index: number, onPiece: (piece: chat.Piece) => void, signal: AbortSignal) =>
    models.chat(body.model, seededFor(request, index), body.user ?? '', onPiece, signal);
  if (!body.stream) {
    const pieces = Array.from({ length: count }, (): chat.Piece[] => []);
    const answers = await severalAnswers(count, (index, signal) => run(index, (piece) => pieces[index]!.push(piece), signal), whole);
    const choices = answers.map((answer, index) => ({ pieces: pieces[index]!, answer }));
    return Response.json(chatCompletion(body.model, choices, wholeUsage(answers)));
  }
  const chunks = new ChatChunks(body.model);
  return eventStream({
    logger,
    signal: whole,
    begin: () => Array.from({ length: count }, (_, index) => chunks.first(index)),
    run: (send, signal) =>
      severalAnswers(
        count,
        async (index, signal) => {
          const answer = await run(index, (piece) => send(chunks.piece(index, piece)), signal);
          send(chunks.last(index, answer));
          return answer;
        },
        signal,
      ),
    end: (answers) => (body.stream_options?.include_usage ? [chunks.usage(wholeUsage(answers))] : []),
    failed: openAiError,
  });
}

async function completions(asked: object, models: Answering, whole: AbortSignal, logger: Logger): Promise<Response> {
  const body = check(CompletionRequest, asked, 'The request');
  const request = completionRequest(body);
  const count = body.n ?? 1;
  const chunks = new TextChunks(body.model, request.prompt);
  const run = (index: number, onText: (text: string, tokens?: chat.TokenProbability[]) => void, signal: AbortSignal) =>
    models.complete(
      body.model,
      seededFor(request, index),
      body.user ?? '',
      (piece) => 'text' in piece && onText(piece.text, piece.tokens),
      signal,
    );
  if (!body.stream) {
    const texts = Array.from({ length: count }, () => ({ text: '', tokens: [] as chat.TokenProbability[] }));
    const take =
      (index: number) =>
      (text: string, tokens: chat.TokenProbability[] = []) => {
        texts[index]!.text += text;
        texts[index]!.tokens.push(...tokens);
      };
    const answers = await severalAnswers(count, (index, signal) => run(index, take(index), signal), whole);
    const choices = answers.map(({ finish }, index) => {
      const { text, tokens } = texts[index]!;
      return chunks.piece(index, text, request.alternatives === undefined ? undefined : tokens, finish);
    });
    return Response.json(chunks.whole(choices, wholeUsage(answers)));
  }
  return eventStream({
    logger,
    signal: whole,
    run: (send, signal) =>
      severalAnswers(
        count,
        async (index, signal) => {
          const answer = await run(index, (text, tokens) => send(chunks.piece(index, text, tokens)), signal);
          send(chunks.last(index, answer));
          return answer;
        },
        signal,
      ),
    end: (answers) => (body.stream_options?.include_usage ? [chunks.usage(wholeUsage(answers))] : []),
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
