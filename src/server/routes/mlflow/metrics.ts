import { type Points, slice } from '../../../store/metrics/points.ts';
import type { PlaneServices } from '../../services.ts';
import type { Endpoints } from './endpoint.ts';
import { runById } from './findRun.ts';
import { offsetIn, tokenOf } from './pageToken.ts';
import { invalid } from './request.ts';

/** MLflow's numbers: runs of one request, points of a bulk answer and of each run in a sampled one. */
const mostRuns = 100;
const mostInBulk = 25_000;
const mostSampled = 2500;
/** MLflow answers a history whole when no page size is asked for; we stop here and give a token. */
const pageSize = 1_000_000;

/** MLflow's endpoints that read the history of metrics. They answer JSON text, made straight from the columns. */
export function metricEndpoints({ metrics }: PlaneServices): Endpoints {
  return {
    'GET metrics/get-history': async (fields, { store }) => {
      const run = await runById(store, fields.text('run_id', 'run_uuid'));
      const key = fields.text('metric_key');
      const asked = fields.whole('max_results', pageSize);
      if (asked <= 0) throw invalid(`Invalid value ${asked} for parameter 'max_results' supplied. It must be a positive integer.`);
      const limit = Math.min(asked, pageSize);
      const offset = offsetIn(fields);
      const found = await metrics.history(run.name, key, offset, limit + 1);
      const next = found.steps.length > limit ? `,"next_page_token":"${tokenOf(fields, offset + limit)}"` : '';
      return `{"metrics":[${pointsJson(key, slice(found, 0, limit))}]${next}}`;
    },

    'GET metrics/get-history-bulk': async (fields, { store }) => {
      const runs = fields.texts('run_id');
      if (runs.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
      atMostRuns('GetMetricHistoryBulk request cannot specify more than', runs.length);
      const key = fields.optionalText('metric_key');
      if (key === undefined) throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      let left = Math.max(0, Math.min(fields.whole('max_results', mostInBulk), mostInBulk));
      const parts: string[] = [];
      for (const run of [...new Set(runs)].sort()) {
        if (!(await store.job(run))) continue;
        const found = await metrics.history(run, key, 0, left);
        left -= found.steps.length;
        if (found.steps.length) parts.push(pointsJson(key, found, run));
      }
      return `{"metrics":[${parts.join(',')}]}`;
    },

    'GET metrics/get-history-bulk-interval': async (fields, { store }) => {
      const runs = fields.texts('run_ids');
      if (runs.length === 0) throw invalid("Missing value for required parameter 'run_ids'.");
      atMostRuns('GetMetricHistoryBulkInterval request must specify at most', runs.length);
      const key = fields.text('metric_key');
      const most = fields.whole('max_results', mostSampled);
      if (most < 1 || most > mostSampled) throw invalid(`max_results must be between 1 and ${mostSampled}.`);
      const given = ['start_step', 'end_step'].filter((name) => fields.all[name] !== undefined);
      if (given.length === 1) throw invalid('If either start step or end step are specified, both must be specified.');
      const range = given.length ? { from: fields.optionalLong('start_step') ?? 0, to: fields.optionalLong('end_step') ?? 0 } : {};
      if (range.from !== undefined && range.from > range.to)
        throw invalid(`end_step must be greater than start_step. Found start_step=${range.from} and end_step=${range.to}.`);
      for (const run of runs) await runById(store, run);
      const parts: string[] = [];
      for (const run of runs) {
        const found = await metrics.sample(run, key, most, range);
        if (found.steps.length) parts.push(pointsJson(key, found, run));
      }
      return `{"metrics":[${parts.join(',')}]}`;
    },
  };
}

function atMostRuns(sentence: string, count: number): void {
  if (count > mostRuns) throw invalid(`${sentence} ${mostRuns} run_ids. Received ${count} run_ids.`);
}

/** All digits of a whole number: beyond 2^53 JavaScript writes fewer than it has. */
const digitsOf = (whole: number): number | bigint => (Number.isSafeInteger(whole) ? whole : BigInt(whole));

/** `{"key", "value", "timestamp", "step"}, …`; a value that is not finite is its word. */
function pointsJson(key: string, { steps, ats, values }: Points, run?: string): string {
  const name = JSON.stringify(key);
  const end = run === undefined ? '}' : `,"run_id":${JSON.stringify(run)}}`;
  const parts: string[] = [];
  for (let i = 0; i < steps.length; i++) {
    const value = values[i]!;
    const text = Number.isFinite(value) ? value : Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
    parts.push(`{"key":${name},"value":${text},"timestamp":${digitsOf(ats[i]!)},"step":${digitsOf(steps[i]!)}${end}`);
  }
  return parts.join(',');
}
