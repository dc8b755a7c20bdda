import { randomUUID } from 'node:crypto';
import { UserError } from '../../../../base/userError.ts';
import type { StoredExperiment, StoreReader, StoreWriter } from '../../../../store/store.ts';
import type { Services } from '../../../services.ts';
import { artifactRoot, below } from '../artifactAddress.ts';
import type { Endpoints } from '../endpoint.ts';
import { activeExperiment, experimentById } from '../experiments.ts';
import { runById } from '../findRun.ts';
import { checkLength, checkName, limits } from '../names.ts';
import { type Fields, invalid, limitOf, missing, pageOf } from '../request.ts';
import { putAssessment } from './assessments.ts';
import { correlation } from './correlation.ts';
import { linkTrace, unlinkTrace } from './links.ts';
import { traceMetrics } from './metrics.ts';
import { searchTraces } from './search.ts';
import {
  durationOf,
  findTrace,
  putTrace,
  stateIn,
  type Trace,
  textMap,
  timeOf,
  traceInfo,
  traceInfoV2,
  traceKeys,
  traceOf,
} from './trace.ts';

const mostTracesAtOnce = 500;

/** MLflow's traces: version 3 of the API, and 2 for older clients. */
export function traceEndpoints({ store }: Services): Endpoints {
  const deleteTraces = async (fields: Fields, ws: string) => {
    const experiment = experimentById(store, ws, fields.text('experiment_id'));
    const ids = fields.texts('request_ids');
    const [until, most] = [fields.optionalWhole('max_timestamp_millis'), fields.optionalWhole('max_traces')];
    if (ids.length && until !== undefined) throw invalid('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
    if (ids.length && most !== undefined) throw invalid("`max_traces` can't be specified if `trace_ids` is specified.");
    if (ids.length === 0 && until === undefined) throw invalid('Either `max_timestamp_millis` or `trace_ids` must be specified.');
    if (most !== undefined && most <= 0) throw invalid(`\`max_traces\` must be a positive integer, received ${most}.`);
    const deleted = await store.write((writer) => {
      const traces = ids.length
        ? ids.map((id) => writer.entities.get('trace', id)).filter((each) => each?.scope === experiment.id)
        : writer.entities
            .list('trace', experiment.id)
            .filter((each) => each.at <= until!)
            .reverse()
            .slice(0, most);
      for (const trace of traces) removeTrace(writer, trace!.id);
      return traces.length;
    });
    return { traces_deleted: deleted };
  };
  const setTag = async (fields: Fields) => {
    const [key, value] = [fields.text('key'), fields.optionalText('value') ?? ''];
    checkName(key, 'key');
    checkLength('key', limits.key, key);
    await store.write((writer) => {
      const trace = findTrace(writer, fields.text('trace_id', 'request_id'));
      putTrace(writer, { ...trace, tags: { ...trace.tags, [key]: value.slice(0, limits.tag) } });
    });
    return {};
  };
  const deleteTag = async (fields: Fields) => {
    const key = fields.text('key');
    await store.write((writer) => {
      const trace = findTrace(writer, fields.text('trace_id', 'request_id'));
      const { [key]: old, ...tags } = trace.tags;
      if (old === undefined) throw new UserError('NotFound', `No trace tag with key '${key}' for trace with ID '${trace.trace_id}'`);
      putTrace(writer, { ...trace, tags });
    });
    return {};
  };
  const whole = (trace: Trace) => ({ trace_info: traceInfo(store, trace), spans: store.spans.of(trace.trace_id).map(({ body }) => body) });

  return {
    '3 POST traces': async (fields, ws) => {
      const info = fields.object('trace')?.object('trace_info');
      if (!info) throw missing('trace.trace_info');
      const made = await store.write((writer) => startTrace(writer, ws, info));
      return { trace: { trace_info: traceInfo(store, made) } };
    },
    'GET traces/{trace_id}': (fields) => ({ trace: { trace_info: traceInfo(store, findTrace(store, fields.text('trace_id'))) } }),
    'GET traces/get': (fields) => {
      const trace = findTrace(store, fields.text('trace_id'));
      const found = whole(trace);
      if (found.spans.length === 0 && fields.flag('allow_partial') !== true)
        throw new UserError('NotFound', `Trace with ID ${trace.trace_id} is not fully exported yet, please try again later.`);
      return { trace: found };
    },
    'GET traces/batchGet': (fields) => ({ traces: known(store, fields.texts('trace_ids')).map(whole) }),
    'POST traces/batchGetInfos': (fields) => ({
      trace_infos: known(store, fields.texts('trace_ids')).map((trace) => traceInfo(store, trace)),
    }),
    '3 POST traces/search': (fields, ws) => {
      const ids = fields
        .objects<{ mlflow_experiment: { experiment_id: string } }>('locations')
        .flatMap((each) => (each.mlflow_experiment?.experiment_id ? [String(each.mlflow_experiment.experiment_id)] : []));
      if (ids.length === 0) throw invalid('At least one experiment_id must be specified in `locations`.');
      const { items, next } = search(store, ws, fields, ids);
      return { traces: items.map((trace) => traceInfo(store, trace)), ...next };
    },
    'POST traces/delete-traces': deleteTraces,
    'PATCH traces/{trace_id}/tags': setTag,
    'DELETE traces/{trace_id}/tags': deleteTag,
    'POST traces/link-to-run': async (fields) => {
      const [ids, run] = [fields.texts('trace_ids'), fields.text('run_id')];
      if (ids.length === 0) throw missing('trace_ids');
      if (ids.length > 100) throw invalid(`Cannot link more than 100 traces to a run in a single request. Provided ${ids.length} traces.`);
      await store.write((writer) => {
        runById(writer, run);
        // A trace may be linked before its client has sent it.
        for (const id of ids) linkTrace(writer, id, run);
      });
      return {};
    },
    'POST traces/link-prompts': async (fields) => {
      const prompts = fields.objects<{ name: string; version: string }>('prompt_versions');
      await store.write((writer) => {
        const trace = findTrace(writer, fields.text('trace_id'));
        const linked = JSON.parse(trace.tags[traceKeys.linkedPrompts] ?? '[]') as { name: string; version: string }[];
        for (const { name, version } of prompts)
          if (name && !linked.some((each) => each.name === name && each.version === String(version)))
            linked.push({ name, version: String(version) });
        putTrace(writer, { ...trace, tags: { ...trace.tags, [traceKeys.linkedPrompts]: JSON.stringify(linked) } });
      });
      return {};
    },
    'POST traces/calculate-filter-correlation': (fields, ws) => {
      const ids = ours(store, ws, fields.texts('experiment_ids'));
      const base = fields.optionalText('base_filter') || undefined;
      const count = (...filters: (string | undefined)[]) =>
        searchTraces(store, ids, filters.filter(Boolean).join(' AND ') || undefined, []).length;
      const [one, two] = [fields.text('filter_string1'), fields.text('filter_string2')];
      return correlation({ total: count(base), one: count(base, one), two: count(base, two), both: count(base, one, two) });
    },

    'POST traces/metrics': (fields, ws) => traceMetrics(store, ours(store, ws, fields.texts('experiment_ids')), fields),

    // Version 2: what clients before 3.0 speak.
    '2 POST traces': async (fields, ws) => {
      const made = await store.write((writer) => {
        const experiment = activeExperiment(writer, ws, fields.text('experiment_id'));
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
    '2 PATCH traces/{request_id}': async (fields) => {
      const state = stateIn(fields, 'status');
      const changed = await store.write((writer) => {
        const trace = findTrace(writer, fields.text('request_id'));
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
    'GET traces/{request_id}/info': (fields) => ({ trace_info: traceInfoV2(findTrace(store, fields.text('request_id'))) }),
    '2 GET traces': (fields, ws) => {
      const { items, next } = search(store, ws, fields, fields.texts('experiment_ids'));
      return { traces: items.map(traceInfoV2), ...next };
    },
  };
}

const artifactsOf = (experiment: StoredExperiment, id: string): string =>
  below(artifactRoot(experiment.id, experiment.artifactLocation), 'traces', id, 'artifacts');

const ours = (reader: StoreReader, ws: string, ids: string[]): string[] =>
  ids.filter((id) => /^\d{1,15}$/.test(id) && reader.experiment(ws, { id })?.workspace === ws);

const known = (reader: StoreReader, ids: string[]): Trace[] =>
  ids.flatMap((id) => {
    const found = reader.entities.get('trace', id);
    return found ? [traceOf(found)] : [];
  });

/** Without a filter and an order, only the page itself is read. */
function search(reader: StoreReader, ws: string, fields: Fields, ids: string[]) {
  const [filter, order] = [fields.optionalText('filter') || undefined, fields.texts('order_by')];
  limitOf(fields, 100, mostTracesAtOnce);
  const experiments = ours(reader, ws, ids);
  const plain = filter === undefined && order.length === 0 && experiments.length === 1;
  return pageOf(
    fields,
    (offset, limit) =>
      plain
        ? reader.entities.list('trace', experiments[0], offset, limit).map(traceOf)
        : searchTraces(reader, experiments, filter, order).slice(offset, offset + limit),
    100,
    mostTracesAtOnce,
  );
}

/** The client's last word about a trace; spans may have come before. */
function startTrace(writer: StoreWriter, ws: string, info: Fields): Trace {
  const id = info.text('trace_id');
  const experimentId = info.object('trace_location')?.object('mlflow_experiment')?.optionalText('experiment_id');
  if (!experimentId) throw missing('trace.trace_info.trace_location.mlflow_experiment.experiment_id');
  const experiment = activeExperiment(writer, ws, experimentId);
  const found = writer.entities.get('trace', id);
  const before = found && traceOf(found);
  const optional = (name: string) => info.optionalText(name) || undefined;
  const trace: Trace = {
    ...before,
    trace_id: id,
    experiment_id: experiment.id,
    request_time: timeOf(info.all.request_time) ?? before?.request_time ?? Date.now(),
    execution_duration: durationOf(info.all.execution_duration) ?? before?.execution_duration,
    state: stateIn(info, 'state') ?? 'STATE_UNSPECIFIED',
    client_request_id: optional('client_request_id') ?? before?.client_request_id,
    request_preview: optional('request_preview') ?? before?.request_preview,
    response_preview: optional('response_preview') ?? before?.response_preview,
    trace_metadata: { ...before?.trace_metadata, ...textMap(info, 'trace_metadata') },
    tags: { ...before?.tags, ...textMap(info, 'tags'), [traceKeys.artifactLocation]: artifactsOf(experiment, id) },
    finalized: true,
  };
  for (const assessment of info.objects<Record<string, any>>('assessments')) putAssessment(writer, id, assessment);
  return putTrace(writer, trace);
}

function removeTrace(writer: StoreWriter, id: string): void {
  writer.spans.remove(id);
  unlinkTrace(writer, id);
  writer.entities.deleteAll('assessment', id);
  writer.entities.delete('trace', id);
}
