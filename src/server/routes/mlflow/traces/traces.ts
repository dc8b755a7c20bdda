import { randomUUID } from 'node:crypto';
import { UserError } from '../../../../base/userError.ts';
import { traceKeys } from '../../../../protocol/trace.ts';
import type { StoredExperiment, StoreReader, StoreWriter, WorkspaceStore } from '../../../../store/store.ts';
import { artifactRoot, below } from '../artifactAddress.ts';
import type { Endpoints, Handler } from '../endpoint.ts';
import { activeExperiment, experimentById, experimentsOf } from '../experiments.ts';
import { ownRun } from '../findRun.ts';
import { checkLength, checkName, lengthLimits } from '../names.ts';
import { type Fields, invalid, limitOf, missing, pageOf } from '../request.ts';
import { putAssessment } from './assessments.ts';
import { correlation } from './correlation.ts';
import { linkTrace, unlinkTrace } from './links.ts';
import { traceMetrics } from './metrics.ts';
import { searchTraces } from './search.ts';
import { executionTime, findTrace, putTrace, stateIn, type Trace, textMap, timeOf, traceInfo, traceInfoV2, traceOf } from './trace.ts';

const mostTracesAtOnce = 500;

/** MLflow's traces: version 3 of the API, and 2 for older clients. */
export function traceEndpoints(): Endpoints {
  const deleteTraces: Handler = async (fields, { store }) => {
    const experiment = await experimentById(store, fields.text('experiment_id'));
    const ids = fields.texts('request_ids');
    const [until, most] = [fields.optionalWhole('max_timestamp_millis'), fields.optionalWhole('max_traces')];
    if (ids.length && until !== undefined) throw invalid('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
    if (ids.length && most !== undefined) throw invalid("`max_traces` can't be specified if `trace_ids` is specified.");
    if (ids.length === 0 && until === undefined) throw invalid('Either `max_timestamp_millis` or `trace_ids` must be specified.');
    if (most !== undefined && most <= 0) throw invalid(`\`max_traces\` must be a positive integer, received ${most}.`);
    const deleted = await store.write(async (writer) => {
      const traces = ids.length
        ? (await Promise.all(ids.map(async (id) => writer.entities.get('trace', id)))).filter((each) => each?.scope === experiment.id)
        : (await writer.entities.list('trace', experiment.id))
            .filter((each) => each.at <= until!)
            .reverse()
            .slice(0, most);
      for (const trace of traces) await removeTrace(writer, trace!.id);
      return traces.length;
    });
    return { traces_deleted: deleted };
  };
  const setTag: Handler = async (fields, { store }) => {
    const [key, value] = [fields.text('key'), fields.optionalText('value') ?? ''];
    checkName(key, 'key');
    checkLength('key', lengthLimits.key, key);
    await store.write(async (writer) => {
      const trace = await findTrace(writer, fields.text('trace_id', 'request_id'));
      await putTrace(writer, { ...trace, tags: { ...trace.tags, [key]: value.slice(0, lengthLimits.tag) } });
    });
    return {};
  };
  const deleteTag: Handler = async (fields, { store }) => {
    const key = fields.text('key');
    await store.write(async (writer) => {
      const trace = await findTrace(writer, fields.text('trace_id', 'request_id'));
      const { [key]: old, ...tags } = trace.tags;
      if (old === undefined) throw new UserError('NotFound', `No trace tag with key '${key}' for trace with ID '${trace.trace_id}'`);
      await putTrace(writer, { ...trace, tags });
    });
    return {};
  };
  const whole = async (store: WorkspaceStore, trace: Trace) => ({
    trace_info: await traceInfo(store, trace),
    spans: (await store.spans.of(trace.trace_id)).map(({ body }) => body),
  });

  return {
    '3 POST traces': async (fields, { store }) => {
      const info = fields.object('trace')?.object('trace_info');
      if (!info) throw missing('trace.trace_info');
      const made = await store.write((writer) => startTrace(writer, info));
      return { trace: { trace_info: await traceInfo(store, made) } };
    },
    'GET traces/{trace_id}': async (fields, { store }) => ({
      trace: { trace_info: await traceInfo(store, await findTrace(store, fields.text('trace_id'))) },
    }),
    'GET traces/get': async (fields, { store }) => {
      const trace = await findTrace(store, fields.text('trace_id'));
      const found = await whole(store, trace);
      if (found.spans.length === 0 && fields.flag('allow_partial') !== true)
        throw new UserError('NotFound', `Trace with ID ${trace.trace_id} is not fully exported yet, please try again later.`);
      return { trace: found };
    },
    'GET traces/batchGet': async (fields, { store }) => ({
      traces: await Promise.all((await known(store, fields.texts('trace_ids'))).map((trace) => whole(store, trace))),
    }),
    'POST traces/batchGetInfos': async (fields, { store }) => ({
      trace_infos: await Promise.all((await known(store, fields.texts('trace_ids'))).map(async (trace) => traceInfo(store, trace))),
    }),
    '3 POST traces/search': async (fields, { store }) => {
      const ids = fields
        .objects<{ mlflow_experiment: { experiment_id: string } }>('locations')
        .flatMap((each) => (each.mlflow_experiment?.experiment_id ? [String(each.mlflow_experiment.experiment_id)] : []));
      if (ids.length === 0) throw invalid('At least one experiment_id must be specified in `locations`.');
      const { items, next } = await search(store, fields, ids);
      return { traces: await Promise.all(items.map(async (trace) => traceInfo(store, trace))), ...next };
    },
    'POST traces/delete-traces': deleteTraces,
    'PATCH traces/{trace_id}/tags': setTag,
    'DELETE traces/{trace_id}/tags': deleteTag,
    'POST traces/link-to-run': async (fields, { store }) => {
      const [ids, run] = [fields.texts('trace_ids'), fields.text('run_id')];
      if (ids.length === 0) throw missing('trace_ids');
      if (ids.length > 100) throw invalid(`Cannot link more than 100 traces to a run in a single request. Provided ${ids.length} traces.`);
      await store.write(async (writer) => {
        await ownRun(writer, run);
        // A trace may be linked before its client has sent it.
        for (const id of ids) await linkTrace(writer, id, run);
      });
      return {};
    },
    'POST traces/link-prompts': async (fields, { store }) => {
      const prompts = fields.objects<{ name: string; version: string }>('prompt_versions');
      await store.write(async (writer) => {
        const trace = await findTrace(writer, fields.text('trace_id'));
        const linked = JSON.parse(trace.tags[traceKeys.linkedPrompts] ?? '[]') as { name: string; version: string }[];
        for (const { name, version } of prompts)
          if (name && !linked.some((each) => each.name === name && each.version === String(version)))
            linked.push({ name, version: String(version) });
        await putTrace(writer, { ...trace, tags: { ...trace.tags, [traceKeys.linkedPrompts]: JSON.stringify(linked) } });
      });
      return {};
    },
    'POST traces/calculate-filter-correlation': async (fields, { store }) => {
      const ids = await experimentsOf(store, fields.texts('experiment_ids'));
      const base = fields.optionalText('base_filter') || undefined;
      const count = async (...filters: (string | undefined)[]) =>
        (await searchTraces(store, ids, filters.filter(Boolean).join(' AND ') || undefined, [])).length;
      const [one, two] = [fields.text('filter_string1'), fields.text('filter_string2')];
      return correlation({
        total: await count(base),
        one: await count(base, one),
        two: await count(base, two),
        both: await count(base, one, two),
      });
    },

    'POST traces/metrics': async (fields, { store }) =>
      traceMetrics(store, await experimentsOf(store, fields.texts('experiment_ids')), fields),

    // Version 2: what clients before 3.0 speak.
    '2 POST traces': async (fields, { store }) => {
      const made = await store.write(async (writer) => {
        const experiment = await activeExperiment(writer, fields.text('experiment_id'));
        const id = `tr-${randomUUID().replaceAll('-', '')}`;
        return putTrace(writer, {
          trace_id: id,
          experiment_id: experiment.id,
          request_time: fields.whole('timestamp_ms', Date.now()),
          state: 'IN_PROGRESS',
          trace_metadata: fields.pairs('request_metadata'),
          tags: { ...fields.pairs('tags'), [traceKeys.artifactLocation]: artifactsOf(experiment, id) },
        });
      });
      return { trace_info: traceInfoV2(made) };
    },
    '2 PATCH traces/{request_id}': async (fields, { store }) => {
      const state = stateIn(fields, 'status');
      const changed = await store.write(async (writer) => {
        const trace = await findTrace(writer, fields.text('request_id'));
        const end = fields.optionalWhole('timestamp_ms');
        return putTrace(writer, {
          ...trace,
          ...(end === undefined ? {} : { execution_duration: end - trace.request_time }),
          state: state ?? trace.state,
          trace_metadata: { ...trace.trace_metadata, ...fields.pairs('request_metadata') },
          tags: { ...trace.tags, ...fields.pairs('tags') },
        });
      });
      return { trace_info: traceInfoV2(changed) };
    },
    'GET traces/{request_id}/info': async (fields, { store }) => ({
      trace_info: traceInfoV2(await findTrace(store, fields.text('request_id'))),
    }),
    '2 GET traces': async (fields, { store }) => {
      const { items, next } = await search(store, fields, fields.texts('experiment_ids'));
      return { traces: items.map(traceInfoV2), ...next };
    },
  };
}

const artifactsOf = (experiment: StoredExperiment, id: string): string =>
  below(artifactRoot(experiment.id, experiment.artifactLocation), 'traces', id, 'artifacts');

const known = async (reader: StoreReader, ids: string[]): Promise<Trace[]> =>
  (
    await Promise.all(
      ids.map(async (id) => {
        const found = await reader.entities.get('trace', id);
        return found ? [traceOf(found)] : [];
      }),
    )
  ).flat();

/** Without a filter and an order, only the page itself is read. */
async function search(reader: StoreReader, fields: Fields, ids: string[]) {
  const [filter, order] = [fields.optionalText('filter') || undefined, fields.texts('order_by')];
  limitOf(fields, 100, mostTracesAtOnce);
  const experiments = await experimentsOf(reader, ids);
  const plain = filter === undefined && order.length === 0 && experiments.length === 1;
  return pageOf(
    fields,
    async (offset, limit) =>
      plain
        ? (await reader.entities.list('trace', experiments[0], offset, limit)).map(traceOf)
        : (await searchTraces(reader, experiments, filter, order)).slice(offset, offset + limit),
    100,
    mostTracesAtOnce,
  );
}

/** The client's last word about a trace; spans may have come before. */
async function startTrace(writer: StoreWriter, info: Fields): Promise<Trace> {
  const id = info.text('trace_id');
  const experimentId = info.object('trace_location')?.object('mlflow_experiment')?.optionalText('experiment_id');
  if (!experimentId) throw missing('trace.trace_info.trace_location.mlflow_experiment.experiment_id');
  const experiment = await activeExperiment(writer, experimentId);
  const found = await writer.entities.get('trace', id);
  const before = found && traceOf(found);
  const optional = (name: string) => info.optionalText(name) || undefined;
  const trace: Trace = {
    ...before,
    trace_id: id,
    experiment_id: experiment.id,
    request_time: timeOf(info.all.request_time) ?? before?.request_time ?? Date.now(),
    execution_duration: executionTime(info.all.execution_duration) ?? before?.execution_duration,
    state: stateIn(info, 'state') ?? 'STATE_UNSPECIFIED',
    client_request_id: optional('client_request_id') ?? before?.client_request_id,
    request_preview: optional('request_preview') ?? before?.request_preview,
    response_preview: optional('response_preview') ?? before?.response_preview,
    trace_metadata: { ...before?.trace_metadata, ...textMap(info, 'trace_metadata') },
    tags: { ...before?.tags, ...textMap(info, 'tags'), [traceKeys.artifactLocation]: artifactsOf(experiment, id) },
    finalized: true,
  };
  for (const assessment of info.objects<Record<string, any>>('assessments')) await putAssessment(writer, id, assessment);
  return putTrace(writer, trace);
}

async function removeTrace(writer: StoreWriter, id: string): Promise<void> {
  await writer.spans.remove(id);
  await unlinkTrace(writer, id);
  await writer.entities.deleteAll('assessment', id);
  await writer.entities.delete('trace', id);
}
