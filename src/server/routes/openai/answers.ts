import path from 'node:path';
import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import type { LocalModel } from '../../../catalog/localModel.ts';
import type { Answer, Piece } from '../../../inference/chat.ts';
import { ChatChunks, chatCompletion, completionId, embeddings, textCompletion } from '../../../inference/openai/answers.ts';
import { chatRequest, completionRequest } from '../../../inference/openai/requests.ts';
import { type ModelServer, serverOfConnection } from '../../../inference/servers/modelServer.ts';
import type { RemoteModel } from '../../../inference/servers/modelServers.ts';
import { check } from '../../../protocol/check.ts';
import { ChatCompletionRequest, CompletionRequest, EmbeddingRequest } from '../../../protocol/openAi.ts';
import { openAiError } from '../../errors.ts';
import type { LanguageModels } from '../../planeModels.ts';
import type { PlaneServices } from '../../services.ts';
import { jsonBody } from '../arm/request.ts';
import { eventStream } from './eventStream.ts';

export async function listModels(c: Context, { models }: PlaneServices): Promise<Response> {
  const all = await models();
  const [own, others] = await Promise.all([all.own.list(), serversOf(c, all).then((servers) => all.servers.list(servers))]);
  return c.json({ object: 'list', data: [...own.map(modelOf), ...others.map(remoteModelOf)] });
}

export async function getModel(c: Context, { models }: PlaneServices): Promise<Response> {
  const name = c.req.param('name')!;
  const all = await models();
  const own = (await all.own.list()).find((each) => each.name === name);
  if (own) return c.json(modelOf(own));
  const remote = await all.servers.find(name, await serversOf(c, all));
  if (!remote) throw new UserError('NotFound', `There is no model "${name}" that runs on this machine.`);
  return c.json(remoteModelOf(remote));
}

const modelOf = ({ name, place, facts }: LocalModel) => ({
  id: name,
  object: 'model',
  created: 0,
  owned_by: place.label,
  ...(facts?.contextLength ? { context_length: facts.contextLength } : {}),
});

const remoteModelOf = ({ id, server }: RemoteModel) => ({ id, object: 'model', created: 0, owned_by: server.label });

/** The servers that answer OpenAI's API: those that may run on this machine, and connections of the workspace. */
async function serversOf(c: Context, { nearby }: LanguageModels): Promise<ModelServer[]> {
  const connections = await c.get('asked').store.resources('connections', undefined, 0, mostConnections);
  return [...connections.flatMap(({ name, properties }) => serverOfConnection(name, properties) ?? []), ...nearby];
}

/** The answer of another server, when the model is one of its; undefined for a model of our own. What it is asked is for that server to judge. */
async function answerOfServer(c: Context, all: LanguageModels, path: string, body: Record<string, unknown>): Promise<Response | undefined> {
  const { model } = body;
  if (typeof model !== 'string' || !model.includes('/')) return undefined;
  const remote = await all.servers.find(model, await serversOf(c, all));
  return remote && all.servers.forward(remote, path, body, c.req.raw.signal);
}

export async function chatCompletions(c: Context, { models, logger }: PlaneServices): Promise<Response> {
  const all = await models();
  const asked = await jsonBody(c);
  const elsewhere = await answerOfServer(c, all, '/chat/completions', asked);
  if (elsewhere) return elsewhere;
  const body = check(ChatCompletionRequest, asked, 'The request');
  mayUse(c, body.model);
  const request = chatRequest(body);
  const caller = callerOf(c, body.user);
  const run = (onPiece: (piece: Piece) => void, signal: AbortSignal) =>
    all.own.use(body.model, (model, adapters) => model.chat({ ...request, adapters }, caller, onPiece, signal));
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
  const all = await models();
  const asked = await jsonBody(c);
  const elsewhere = await answerOfServer(c, all, '/completions', asked);
  if (elsewhere) return elsewhere;
  const body = check(CompletionRequest, asked, 'The request');
  mayUse(c, body.model);
  const request = completionRequest(body);
  const caller = callerOf(c, body.user);
  const id = completionId();
  const run = (onText: (text: string) => void, signal: AbortSignal): Promise<Answer> =>
    all.own.use(body.model, (model, adapters) =>
      model.complete({ ...request, adapters }, caller, (piece) => 'text' in piece && onText(piece.text), signal),
    );
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

export async function embed(c: Context, { models }: PlaneServices): Promise<Response> {
  const all = await models();
  const asked = await jsonBody(c);
  const elsewhere = await answerOfServer(c, all, '/embeddings', asked);
  if (elsewhere) return elsewhere;
  const body = check(EmbeddingRequest, asked, 'The request');
  mayUse(c, body.model);
  if (body.dimensions) throw new UserError('InvalidRequest', 'dimensions: The length of a vector is the model’s own here.');
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  const caller = callerOf(c, body.user);
  const { vectors, tokens } = await all.own.use(body.model, (model) => model.embed(texts, caller, c.req.raw.signal));
  return c.json(embeddings(body.model, vectors, tokens, body.encoding_format === 'base64'));
}

/** Of a workspace's connections: more are not looked at. */
const mostConnections = 200;

/** A model that is asked for. Files are named by the owner alone: a job has no say in what this process reads. */
function mayUse(c: Context, model: string): void {
  if (model.split('+').some((each) => path.isAbsolute(each)) && c.get('asked').principal.kind !== 'owner')
    throw new UserError('Forbidden', 'A model is named by its path by the owner of the control plane alone. Name one of /v1/models.');
}

/** Who takes turns with others: the principal, and whom it names as the user. */
const callerOf = (c: Context, user: string | null | undefined): string => `${c.get('asked').principal.id} ${user ?? ''}`;
