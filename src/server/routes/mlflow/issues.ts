import { randomUUID } from 'node:crypto';
import { UserError } from '../../../base/userError.ts';
import type { StoredEntity } from '../../../store/entities.ts';
import type { StoreReader } from '../../../store/store.ts';
import type { Endpoints } from './endpoint.ts';
import { activeExperiment } from './experiments.ts';
import { type Comparison, parseFilter, passes, sortBy } from './filter.ts';
import { type Fields, invalid, pageOf } from './request.ts';

const statuses = ['pending', 'rejected', 'resolved'];
/** From the least to the greatest. */
const severities = ['not_an_issue', 'low', 'medium', 'high'];

/** MLflow's issues: what somebody found wrong in the traces of an experiment. */
export function issueEndpoints(): Endpoints {
  return {
    'POST issues': async (fields, { store }) => {
      const [name, description] = [fields.text('name'), fields.text('description')];
      const made = await store.write(async (writer) => {
        const experiment = await activeExperiment(writer, fields.text('experiment_id'));
        const now = Date.now();
        const id = `iss-${randomUUID().replaceAll('-', '')}`;
        const body = {
          issue_id: id,
          experiment_id: experiment.id,
          name,
          description,
          status: oneOf(fields, 'status', statuses) ?? 'pending',
          severity: oneOf(fields, 'severity', severities),
          root_causes: fields.texts('root_causes'),
          source_run_id: fields.optionalText('source_run_id') || undefined,
          created_timestamp: now,
          last_updated_timestamp: now,
          created_by: fields.optionalText('created_by') || undefined,
          categories: fields.texts('categories'),
        };
        await writer.entities.put({ kind: 'issue', id, scope: experiment.id, at: now, body });
        return body;
      });
      return { issue: made };
    },
    'GET issues/{issue_id}': async (fields, { store }) => ({ issue: (await find(store, fields)).body }),
    'PATCH issues/{issue_id}': async (fields, { store }) => {
      const given = {
        name: fields.optionalText('name'),
        description: fields.optionalText('description'),
        status: oneOf(fields, 'status', statuses),
        severity: oneOf(fields, 'severity', severities),
      };
      const changed = await store.write(async (writer) => {
        const found = await find(writer, fields);
        const body = { ...found.body, last_updated_timestamp: Date.now() } as Record<string, unknown>;
        for (const [key, value] of Object.entries(given)) if (value !== undefined) body[key] = value;
        await writer.entities.put({ ...found, body });
        return body;
      });
      return { issue: changed };
    },
    'GET|POST issues/search': async (fields, { store }) => {
      const tests = parseFilter(fields.optionalText('filter_string')).map(testOf);
      const counted = fields.flag('include_trace_count') === true;
      const tracesOf = new Map<string, Set<string>>();
      for (const { scope, body } of counted ? await store.entities.list('assessment') : [])
        if (body.issue) tracesOf.set(body.assessment_name, (tracesOf.get(body.assessment_name) ?? new Set()).add(scope));
      const traces = (entity: StoredEntity) => tracesOf.get(entity.id)?.size ?? 0;
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) =>
          sortBy(
            (await store.entities.list('issue', fields.optionalText('experiment_id') || undefined)).filter((entity) =>
              tests.every((test) => test(entity)),
            ),
            [
              { read: ({ body }) => severities.indexOf(body.severity), descending: true },
              { read: traces, descending: true },
              { read: ({ at }) => at, descending: true },
              { read: ({ id }) => id, descending: true },
            ],
          ).slice(offset, offset + limit),
        100,
        50_000,
      );
      return {
        issues: items.map((entity) => ({ ...entity.body, ...(counted ? { trace_count: traces(entity) } : {}) })),
        next_page_token: '',
        ...next,
      };
    },
  };
}

async function find(reader: StoreReader, fields: Fields): Promise<StoredEntity> {
  const id = fields.text('issue_id');
  const found = await reader.entities.get('issue', id);
  if (!found) throw new UserError('NotFound', `Issue with ID '${id}' not found`);
  return found;
}

function oneOf(fields: Fields, name: string, words: string[]): string | undefined {
  const value = fields.optionalText(name) || undefined;
  if (value !== undefined && !words.includes(value))
    throw invalid(`Invalid value "${value}" for parameter '${name}' supplied: use one of ${words.join(', ')}.`);
  return value;
}

function testOf(comparison: Comparison): (entity: StoredEntity) => boolean {
  const { key } = comparison;
  if (!['status', 'source_run_id', 'name', 'severity'].includes(key))
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are 'status', 'source_run_id', 'name', 'severity'`);
  return ({ body }) => passes(body[key], comparison);
}
