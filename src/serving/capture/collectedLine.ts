import { randomUUID } from 'node:crypto';
import { inputRows, outputRows } from './rows.ts';

/** What a deployment may keep of its requests, by Azure's names. Whoever else writes to a collection is the deployment's own script. */
export const collections = ['request', 'response', 'model_inputs', 'model_outputs'] as const;
export type Collection = (typeof collections)[number];

/** One side of a call, as it is to be kept. */
export interface Collected {
  collection: Collection;
  /** ARM id of the deployment. */
  source: string;
  /** ms since 1970. */
  at: number;
  /** The same for both sides of a call. */
  correlation: string;
  body: Uint8Array;
  /** Headers that the deployment asks for. */
  headers?: Record<string, string>;
}

/**
 * A line of a collection in the layout of Azure's data collector, a CloudEvent; undefined for what has no rows and is wanted as rows.
 * https://learn.microsoft.com/azure/machine-learning/concept-data-collection
 */
export function collectedLine({ collection, source, at, correlation, body, headers }: Collected): string | undefined {
  const text = new TextDecoder().decode(body);
  const parsed = jsonOf(text);
  const isRows = collection === 'model_inputs' || collection === 'model_outputs';
  const data = !isRows ? (parsed ?? text) : collection === 'model_inputs' ? inputRows(parsed) : outputRows(parsed);
  if (data === undefined) return undefined;
  const written = JSON.stringify(data);
  const bytes = Buffer.byteLength(written);
  return JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: `azureml.inference.${collection}`,
    datacontenttype: parsed === undefined ? 'text/plain' : 'application/json',
    time: new Date(at).toISOString(),
    data,
    correlationid: correlation,
    xrequestid: correlation,
    modelversion: 'default',
    ...(isRows ? { collectdatatype: 'pandas.core.frame.DataFrame' } : {}),
    ...(headers ? { headers } : {}),
    agent: 'updraft',
    contentrange: `bytes 0-${Math.max(0, bytes - 1)}/${bytes}`,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
