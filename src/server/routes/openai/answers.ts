import path from 'node:path';
import type { Context } from 'hono';
import { messageOf, UserError } from '../../../base/userError.ts';
import type { LocalModel } from '../../../catalog/localModel.ts';
import type { Adapter } from '../../../inference/chat.ts';
import { noVectors } from '../../../inference/noVectors.ts';
import { type Answering, answerRequest, type OpenAiRoute } from '../../../inference/openai/answerRequest.ts';
import { type ModelServer, serverOfConnection } from '../../../inference/servers/modelServer.ts';
import type { RemoteModel } from '../../../inference/servers/modelServers.ts';
import type { WorkerModel } from '../../../inference/workerModel.ts';
import { check } from '../../../protocol/check.ts';
import { type TokensAnswer, TokensRequest } from '../../../protocol/openAi.ts';
import type { TunedModel } from '../../../protocol/tunedModels.ts';
import type { LanguageModels } from '../../planeModels.ts';
import { secretsIn } from '../../secrets/resourceSecrets.ts';
import type { PlaneServices } from '../../services.ts';
import { jsonBody } from '../arm/request.ts';

export async function listModels(c: Context, services: PlaneServices): Promise<Response> {
  const { models, tunedModels } = services;
  const all = await models();
  const [own, tuned, others] = await Promise.all([
    all.own.list(),
    tunedModels().then((part) => part.list(c.get('asked').store)),
    serversOf(c, services, all).then((servers) => all.servers.list(servers)),
  ]);
  // Who takes the first one gets one that runs.
  const [run, rest] = [tuned.filter(({ problem }) => !problem), tuned.filter(({ problem }) => problem)];
  return c.json({
    object: 'list',
    data: [...own.map(modelOf), ...run.map(tunedModelOf), ...others.map(remoteModelOf), ...rest.map(tunedModelOf)],
  });
}

export async function getModel(c: Context, services: PlaneServices): Promise<Response> {
  const { models, tunedModels } = services;
  const name = c.req.param('name')!;
  const all = await models();
  const own = (await all.own.list()).find((each) => each.name === name);
  if (own) return c.json(modelOf(own));
  const tuned = (await (await tunedModels()).list(c.get('asked').store)).find(({ ids }) => ids.includes(name));
  if (tuned) return c.json({ ...tunedModelOf(tuned), id: name });
  const remote = await all.servers.find(name, await serversOf(c, services, all));
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

const tunedModelOf = ({ ids, base, problem }: TunedModel) => ({
  id: ids[0]!,
  object: 'model',
  created: 0,
  owned_by: 'registered',
  ...(base ? { adapter_of: base.name } : {}),
  ...(ids.length > 1 ? { other_ids: ids.slice(1) } : {}),
  ...(base?.contextLength === undefined ? {} : { context_length: base.contextLength }),
  ...(base?.hasChatTemplate === undefined ? {} : { has_chat_template: base.hasChatTemplate }),
  ...(problem ? { problem: [problem.message, problem.hint].filter(Boolean).join(' ') } : {}),
});

function remoteModelOf({ id, server }: RemoteModel) {
  const { hostname, host } = new URL(server.url);
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return { id, object: 'model', created: 0, owned_by: server.label, ...(isHere ? {} : { host }) };
}

/** The servers that answer OpenAI's API: those that may run on this machine, and connections of the workspace. */
async function serversOf(c: Context, { secrets, logger }: PlaneServices, { nearby }: LanguageModels): Promise<ModelServer[]> {
  const { store, workspace } = c.get('asked');
  const connections = await store.resources('connections', undefined, 0, mostConnections);
  const connected = connections.flatMap((connection): ModelServer[] => {
    const server = serverOfConnection(connection.name, connection.properties);
    if (!server) return [];
    try {
      const key = secretsIn<{ key?: unknown }>(secrets, workspace, connection)?.key;
      return [typeof key === 'string' ? { ...server, key } : server];
    } catch (error) {
      // The others answer all the same.
      logger.warn(messageOf(error));
      return [];
    }
  });
  return [...connected, ...nearby];
}

/**
 * The answer of another server (Ollama and others), when it has the model; undefined for a model of this plane. The request is handed on without a check: the other server makes that.
 * Servers are not asked for a model that is loaded here already, nor for a file.
 */
async function answerOfServer(
  c: Context,
  services: PlaneServices,
  all: LanguageModels,
  path: string,
  body: Record<string, unknown>,
): Promise<Response | undefined> {
  const { model } = body;
  if (typeof model !== 'string' || !model.includes('/') || all.own.isLoaded(model)) return undefined;
  const remote = await all.servers.find(model, await serversOf(c, services, all));
  return remote && all.servers.forward(remote, path, body, c.req.raw.signal);
}

/** Answers with a model of this machine, or hands the request on to the server that has the model. */
export async function answer(c: Context, route: OpenAiRoute, services: PlaneServices): Promise<Response> {
  const all = await services.models();
  const asked = await jsonBody(c);
  const elsewhere = await answerOfServer(c, services, all, route, asked);
  if (elsewhere) return elsewhere;
  // Who takes turns with others: the principal, and whom it names as the user.
  const callerOf = (user: string) => `${c.get('asked').principal.id} ${user}`;
  const own: Answering = {
    chat: (name, request, user, onPiece, signal) =>
      withNamed(c, services, name, (model, adapters) => model.chat({ ...request, adapters }, callerOf(user), onPiece, signal)),
    complete: (name, request, user, onPiece, signal) =>
      withNamed(c, services, name, (model, adapters) => model.complete({ ...request, adapters }, callerOf(user), onPiece, signal)),
    embed: (name, request, user, signal) =>
      withNamed(c, services, name, (model, adapters) => {
        if (adapters.length) throw noVectors();
        return model.embed(request, callerOf(user), signal);
      }),
  };
  return answerRequest(route, asked, own, { signal: c.req.raw.signal, logger: services.logger });
}

/** Work with a model of this machine: one in a file, or a registered adapter with its base model; behind either may stand further adapters. */
async function withNamed<T>(
  c: Context,
  { models, tunedModels }: PlaneServices,
  name: string,
  work: (model: WorkerModel, adapters: Adapter[]) => Promise<T>,
): Promise<T> {
  mayUse(c, name);
  const [tuned, { own }] = await Promise.all([tunedModels(), models()]);
  const [first = '', ...behind] = name.split('+');
  const found = await tuned.find(c.get('asked').store, first);
  if (!found) return own.withModel(name, work);
  const { base, adapter } = await tuned.files(found);
  return own.withFile(base, behind, (model, adapters) => work(model, [{ file: adapter, scale: 1 }, ...adapters]));
}

/** How many tokens a text has for a model; of another server's, about: it has no way to ask, and a token of English is four characters. */
export async function countTokens(c: Context, services: PlaneServices): Promise<Response> {
  const { model: name, text } = check(TokensRequest, await jsonBody(c), 'The request');
  mayUse(c, name);
  const all = await services.models();
  const isElsewhere =
    name.includes('/') && !all.own.isLoaded(name) && (await all.servers.find(name, await serversOf(c, services, all))) !== undefined;
  const tokens = isElsewhere
    ? Math.ceil(text.length / 4)
    : await withNamed(c, services, name, (model) => model.count(text, c.req.raw.signal));
  return c.json({ tokens } satisfies TokensAnswer);
}

/** Of a workspace's connections: more are not looked at. */
const mostConnections = 200;

/** A model that is asked for. Files are named by the owner alone: a job has no say in what this process reads. */
function mayUse(c: Context, model: string): void {
  if (model.split('+').some((each) => path.isAbsolute(each)) && c.get('asked').principal.kind !== 'owner')
    throw new UserError('Forbidden', 'A model is named by its path by the owner of the control plane alone. Name one of /v1/models.');
}
