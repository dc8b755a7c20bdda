import path from 'node:path';
import type { Context } from 'hono';
import { UserError } from '../../../base/userError.ts';
import type { LocalModel } from '../../../catalog/localModel.ts';
import { type Answering, answerRequest, type OpenAiRoute } from '../../../inference/openai/answerRequest.ts';
import { type ModelServer, serverOfConnection } from '../../../inference/servers/modelServer.ts';
import type { RemoteModel } from '../../../inference/servers/modelServers.ts';
import { check } from '../../../protocol/check.ts';
import { type TokensAnswer, TokensRequest } from '../../../protocol/openAi.ts';
import type { LanguageModels } from '../../planeModels.ts';
import type { PlaneServices } from '../../services.ts';
import { jsonBody } from '../arm/request.ts';

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
  has_chat_template: facts?.hasChatTemplate ?? false,
  ...(facts?.makesEmbeddings ? { is_embedder: true } : {}),
});

function remoteModelOf({ id, server }: RemoteModel) {
  const { hostname, host } = new URL(server.url);
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return { id, object: 'model', created: 0, owned_by: server.label, ...(isHere ? {} : { host }) };
}

/** The servers that answer OpenAI's API: those that may run on this machine, and connections of the workspace. */
async function serversOf(c: Context, { nearby }: LanguageModels): Promise<ModelServer[]> {
  const connections = await c.get('asked').store.resources('connections', undefined, 0, mostConnections);
  return [...connections.flatMap(({ name, properties }) => serverOfConnection(name, properties) ?? []), ...nearby];
}

/** The answer of another server, when the model is one of its; undefined for a model of our own. What it is asked is for that server to judge. Servers are not looked for where a model of that name answers here already, or a file is named. */
async function answerOfServer(c: Context, all: LanguageModels, path: string, body: Record<string, unknown>): Promise<Response | undefined> {
  const { model } = body;
  if (typeof model !== 'string' || !model.includes('/') || all.own.isLoaded(model)) return undefined;
  const remote = await all.servers.find(model, await serversOf(c, all));
  return remote && all.servers.forward(remote, path, body, c.req.raw.signal);
}

/** Answers with a model of this machine, or hands the request on to the server that has the model. */
export async function answer(c: Context, route: OpenAiRoute, { models, logger }: PlaneServices): Promise<Response> {
  const all = await models();
  const asked = await jsonBody(c);
  const elsewhere = await answerOfServer(c, all, route, asked);
  if (elsewhere) return elsewhere;
  mayUse(c, String(asked.model));
  // Who takes turns with others: the principal, and whom it names as the user.
  const callerOf = (user: string) => `${c.get('asked').principal.id} ${user}`;
  const own: Answering = {
    chat: (name, request, user, onPiece, signal) =>
      all.own.use(name, (model, adapters) => model.chat({ ...request, adapters }, callerOf(user), onPiece, signal)),
    complete: (name, request, user, onPiece, signal) =>
      all.own.use(name, (model, adapters) => model.complete({ ...request, adapters }, callerOf(user), onPiece, signal)),
    embed: (name, request, user, signal) => all.own.use(name, (model) => model.embed(request, callerOf(user), signal)),
  };
  return answerRequest(route, asked, own, { signal: c.req.raw.signal, logger });
}

/** How many tokens a text has for a model; of another server's, about: it has no way to ask, and a token of English is four characters. */
export async function countTokens(c: Context, { models }: PlaneServices): Promise<Response> {
  const { model: name, text } = check(TokensRequest, await jsonBody(c), 'The request');
  mayUse(c, name);
  const all = await models();
  const isElsewhere =
    name.includes('/') && !all.own.isLoaded(name) && (await all.servers.find(name, await serversOf(c, all))) !== undefined;
  const tokens = isElsewhere ? Math.ceil(text.length / 4) : await all.own.use(name, (model) => model.count(text, c.req.raw.signal));
  return c.json({ tokens } satisfies TokensAnswer);
}

/** Of a workspace's connections: more are not looked at. */
const mostConnections = 200;

/** A model that is asked for. Files are named by the owner alone: a job has no say in what this process reads. */
function mayUse(c: Context, model: string): void {
  if (model.split('+').some((each) => path.isAbsolute(each)) && c.get('asked').principal.kind !== 'owner')
    throw new UserError('Forbidden', 'A model is named by its path by the owner of the control plane alone. Name one of /v1/models.');
}
