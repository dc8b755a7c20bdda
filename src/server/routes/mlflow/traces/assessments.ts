import { randomUUID } from 'node:crypto';
import { UserError } from '../../../../base/userError.ts';
import type { StoreReader, StoreWriter } from '../../../../store/store.ts';
import type { Endpoints } from '../endpoint.ts';
import { type Fields, invalid, missing } from '../request.ts';
import { findTrace } from './trace.ts';

/** What people and judges say about traces. Kept as MLflow's JSON has it. */
export function assessmentEndpoints(): Endpoints {
  return {
    'POST traces/{trace_id}/assessments': async (fields, { store }) => {
      const given = assessmentIn(fields);
      const made = await store.write(async (writer) => {
        await findTrace(writer, fields.text('trace_id'));
        return putAssessment(writer, fields.text('trace_id'), given);
      });
      return { assessment: made };
    },
    'GET traces/{trace_id}/assessments/{assessment_id}': async (fields, { store }) => ({ assessment: (await find(store, fields)).body }),
    'PATCH traces/{trace_id}/assessments/{assessment_id}': async (fields, { store }) => {
      const given = assessmentIn(fields);
      const mask = (fields.optionalText('update_mask') ?? '').split(',').map((each) => snake(each.trim()));
      const wanted = (name: string) => given[name] !== undefined && (mask[0] === '' || mask.includes(name));
      const changed = await store.write(async (writer) => {
        const found = await find(writer, fields);
        const { body } = found;
        if (wanted('expectation') && wanted('feedback')) throw invalid('Cannot specify both `expectation` and `feedback` parameters.');
        for (const [kind, article] of [
          ['expectation', 'a Feedback'],
          ['feedback', 'an Expectation'],
        ] as const)
          if (wanted(kind) && !body[kind]) throw invalid(`Cannot update ${kind} value on ${article} assessment.`);
        const next = {
          ...body,
          ...(wanted('assessment_name') ? { assessment_name: given.assessment_name } : {}),
          ...(wanted('expectation') ? { expectation: expectationOf(given.expectation) } : {}),
          ...(wanted('feedback') ? { feedback: given.feedback } : {}),
          ...(wanted('rationale') ? { rationale: given.rationale } : {}),
          ...(wanted('metadata') ? { metadata: { ...body.metadata, ...given.metadata } } : {}),
          last_update_time: new Date().toISOString(),
        };
        await writer.entities.put({ ...found, body: next });
        return next;
      });
      return { assessment: changed };
    },
    'DELETE traces/{trace_id}/assessments/{assessment_id}': async (fields, { store }) => {
      await store.write(async (writer) => {
        const found = await writer.entities.get('assessment', fields.text('assessment_id'));
        if (found?.scope !== fields.text('trace_id')) return;
        await writer.entities.delete('assessment', found.id);
        const older = found.body.overrides && (await writer.entities.get('assessment', found.body.overrides));
        if (older) await writer.entities.put({ ...older, body: { ...older.body, valid: true } });
      });
      return {};
    },
  };
}

function assessmentIn(fields: Fields): Record<string, any> {
  const assessment = fields.object('assessment');
  if (!assessment) throw missing('assessment');
  return assessment.all as Record<string, any>;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Keeps a new assessment of a trace; one that it overrides no longer counts. */
export async function putAssessment(writer: StoreWriter, traceId: string, given: Record<string, any>): Promise<Record<string, any>> {
  if (typeof given.assessment_name !== 'string' || given.assessment_name === '') throw missing('assessment.assessment_name');
  if (!given.feedback && !given.expectation && !given.issue) throw missing('assessment.feedback');
  if (given.overrides) {
    const older = await writer.entities.get('assessment', String(given.overrides));
    if (older?.scope !== traceId)
      throw new UserError('NotFound', `Assessment with ID '${given.overrides}' not found for trace '${traceId}'`);
    await writer.entities.put({ ...older, body: { ...older.body, valid: false } });
  }
  const now = new Date().toISOString();
  const assessment: Record<string, any> = {
    ...given,
    ...(given.expectation ? { expectation: expectationOf(given.expectation) } : {}),
    assessment_id:
      typeof given.assessment_id === 'string' && given.assessment_id ? given.assessment_id : `a-${randomUUID().replaceAll('-', '')}`,
    trace_id: traceId,
    create_time: given.create_time ?? now,
    last_update_time: given.last_update_time ?? now,
    valid: given.valid ?? true,
  };
  const at = Date.parse(assessment.create_time);
  await writer.entities.put({
    kind: 'assessment',
    id: assessment.assessment_id,
    scope: traceId,
    at: Number.isNaN(at) ? Date.now() : at,
    body: assessment,
  });
  return assessment;
}

/** A value that is no plain one goes as a text of JSON, as MLflow's clients expect it back. */
function expectationOf(given: Record<string, any>): Record<string, any> {
  if (typeof given.value !== 'object' || given.value === null) return given;
  return { serialized_value: { serialization_format: 'JSON_FORMAT', value: JSON.stringify(given.value) } };
}

async function find(reader: StoreReader, fields: Fields) {
  const [trace, id] = [fields.text('trace_id'), fields.text('assessment_id')];
  const found = await reader.entities.get('assessment', id);
  if (found?.scope === trace) return found;
  if (!(await reader.entities.get('trace', trace))) throw new UserError('NotFound', `Trace with request_id '${trace}' not found`);
  throw new UserError('NotFound', `Assessment with ID '${id}' not found for trace '${trace}'`);
}
