import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode, ValueNode } from 'graphql';
import { Hono } from 'hono';
import { messageOf, UserError } from '../../../base/userError.ts';
import type { Asked } from '../../asked.ts';
import { jsonBody } from '../arm/request.ts';
import type { EndpointTable } from './endpoint.ts';
import { Fields, invalid } from './request.ts';

/** MLflow's limits of a query (mlflow/server/graphql/graphql_no_batching.py). */
const most = { depth: 10, selections: 1000, rootFields: 10, aliases: 10 };

/** The endpoint behind each field that MLflow's pages ask for. */
const rootFields: Record<string, [method: string, path: string]> = {
  mlflowGetExperiment: ['GET', 'experiments/get'],
  mlflowGetRun: ['GET', 'runs/get'],
  mlflowSearchRuns: ['POST', 'runs/search'],
  mlflowListArtifacts: ['GET', 'artifacts/list'],
  mlflowSearchModelVersions: ['GET', 'model-versions/search'],
  mlflowGetMetricHistoryBulkInterval: ['GET', 'metrics/get-history-bulk-interval'],
  mlflowSearchDatasets: ['POST', 'experiments/search-datasets'],
};

/** 64-bit integers, which GraphQL has as texts. */
const longs = [
  'timestamp',
  'step',
  'start_time',
  'end_time',
  'file_size',
  'creation_time',
  'last_update_time',
  'creation_timestamp',
  'last_updated_timestamp',
];

type Json = Record<string, any>;

/** `/graphql`: the REST API's own answers, cut to the fields that were asked for. */
export function graphqlRoutes(table: () => Promise<EndpointTable>): Hono {
  const app = new Hono();
  app.on(['GET', 'POST'], '/graphql', async (c) => {
    const body = c.req.method === 'GET' ? c.req.query() : await jsonBody(c);
    try {
      const { query, variables, operationName } = body as Json;
      if (typeof query !== 'string') throw invalid('A GraphQL request needs a query.');
      // Loaded only here, and not as a `laterPart`: it takes 2 MB, and nobody but MLflow's pages asks this way.
      const { parse } = await import('graphql');
      const document = parse(query, { noLocation: true, maxTokens: 10_000 });
      checkLimits(document);
      return c.json({
        data: await execute(document, operationName, typeof variables === 'object' ? (variables ?? {}) : {}, c.get('asked')),
        errors: null,
      });
    } catch (error) {
      // A syntax error is the parser's own class; anything else is a defect.
      if (!(error instanceof UserError) && (error as Error).name !== 'GraphQLError') throw error;
      return c.json({ data: null, errors: [messageOf(error)] });
    }
  });
  return app;

  async function execute(document: DocumentNode, name: unknown, variables: Json, asked: Asked): Promise<Json> {
    const operations = document.definitions.filter((each) => each.kind === 'OperationDefinition');
    const operation = name ? operations.find((each) => each.name?.value === name) : operations[0];
    if (!operation) throw invalid(`The query has no operation "${name ?? ''}".`);
    const data: Json = {};
    for (const field of fieldsIn(operation.selectionSet, fragmentsOf(document)))
      data[field.alias?.value ?? field.name.value] = await root(field);
    return data;

    async function root(field: FieldNode): Promise<unknown> {
      const given = Object.fromEntries((field.arguments ?? []).map((each) => [each.name.value, plain(each.value, variables)]));
      if (field.name.value === 'test') return cut({ output: given.inputString ?? null }, field);
      const endpoint = Object.hasOwn(rootFields, field.name.value) ? rootFields[field.name.value] : undefined;
      if (!endpoint) throw invalid(`Cannot query field '${field.name.value}'.`);
      return cut(await ask(asked, endpoint[0], endpoint[1], snakeKeys((given.input ?? {}) as Json)), field);
    }

    async function cut(value: unknown, field: FieldNode): Promise<unknown> {
      if (Array.isArray(value)) return Promise.all(value.map((each) => cut(each, field)));
      if (!field.selectionSet) return leaf(field.name.value, value);
      if (typeof value !== 'object' || value === null) return null;
      const chosen: Json = {};
      for (const each of fieldsIn(field.selectionSet, fragmentsOf(document))) {
        const key = snake(each.name.value);
        chosen[each.alias?.value ?? each.name.value] = await cut(
          (value as Json)[key] ?? (await more(asked, value as Json, key, each)),
          each,
        );
      }
      return chosen;
    }
  }

  /** What a run has in GraphQL only; an empty list where the field is one. */
  async function more(asked: Asked, run: Json, key: string, field: FieldNode): Promise<unknown> {
    if (key === 'experiment' && run.info)
      return (await ask(asked, 'GET', 'experiments/get', { experiment_id: run.info.experiment_id })).experiment;
    if (key === 'model_versions' && run.info)
      return (await ask(asked, 'GET', 'model-versions/search', { filter: `run_id = '${run.info.run_id}'` })).model_versions;
    return field.selectionSet && key.endsWith('s') ? [] : undefined;
  }

  async function ask(asked: Asked, method: string, path: string, fields: Json): Promise<Json> {
    const { handler } = (await table()).find(method, '2.0', path);
    const answer = await handler(new Fields(fields), asked);
    return (typeof answer === 'string' ? JSON.parse(answer) : answer) as Json;
  }
}

/** A value that was not set is its type's zero, as protobuf has it. What is no number is null. */
function leaf(name: string, value: unknown): unknown {
  if (value === 'NaN' && name === 'value') return null;
  if (longs.includes(snake(name))) return String(value ?? 0);
  return value ?? '';
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function snakeKeys(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      snake(key),
      typeof each === 'object' && each !== null && !Array.isArray(each) ? snakeKeys(each as Json) : each,
    ]),
  );
}

function plain(node: ValueNode, variables: Json): unknown {
  switch (node.kind) {
    case 'Variable':
      return variables[node.name.value];
    case 'NullValue':
      return null;
    case 'ListValue':
      return node.values.map((each) => plain(each, variables));
    case 'ObjectValue':
      return Object.fromEntries(node.fields.map((each) => [each.name.value, plain(each.value, variables)]));
    case 'IntValue':
    case 'FloatValue':
      return Number(node.value);
    default:
      return node.value;
  }
}

type Fragments = Map<string, FragmentDefinitionNode>;

const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(document.definitions.filter((each) => each.kind === 'FragmentDefinition').map((each) => [each.name.value, each]));

/** The fields of one level, those of fragments among them; a fragment counts once, so that a circle ends. */
function fieldsIn(set: SelectionSetNode, fragments: Fragments, seen = new Set<string>()): FieldNode[] {
  return set.selections.flatMap((each) => {
    if (each.kind === 'Field') return [each];
    if (each.kind === 'InlineFragment') return fieldsIn(each.selectionSet, fragments, seen);
    const fragment = fragments.get(each.name.value);
    if (!fragment || seen.has(each.name.value)) return [];
    seen.add(each.name.value);
    return fieldsIn(fragment.selectionSet, fragments, seen);
  });
}

function checkLimits(document: DocumentNode): void {
  const fragments = fragmentsOf(document);
  let [selections, roots, aliases] = [0, 0, 0];
  const visit = (set: SelectionSetNode, depth: number): void => {
    if (depth > most.depth) throw invalid(`Query exceeds maximum depth of ${most.depth}`);
    const fields = fieldsIn(set, fragments);
    if (depth === 1) roots += fields.length;
    aliases = Math.max(aliases, fields.filter((field) => field.alias).length);
    for (const field of fields) {
      if (++selections > most.selections) throw invalid(`Query exceeds maximum total selections of ${most.selections}`);
      if (field.selectionSet) visit(field.selectionSet, depth + 1);
    }
  };
  for (const each of document.definitions) if (each.kind === 'OperationDefinition') visit(each.selectionSet, 1);
  const tooMany = (what: string, limit: number) => invalid(`GraphQL queries should have at most ${limit} ${what}.`);
  if (roots > most.rootFields) throw tooMany('root fields', most.rootFields);
  if (aliases > most.aliases) throw tooMany('aliases', most.aliases);
}
