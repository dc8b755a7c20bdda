import type { JobProperties } from '../protocol/job.ts';

/** Characters from which on a job's properties are kept parsed. */
const long = 20_000;
/** How many such are kept. */
const most = 8;

const kept = new Map<string, JobProperties>();

/** A job's properties by their JSON. Those of a pipeline are as long as it has steps, and are read for each of them: the last ones are kept, and frozen, since readers share them. */
export function jobPropertiesOf(json: string): JobProperties {
  if (json.length < long) return JSON.parse(json);
  const found = kept.get(json);
  const properties = found ?? frozen(JSON.parse(json));
  kept.delete(json);
  kept.set(json, properties);
  if (kept.size > most) kept.delete(kept.keys().next().value!);
  return properties;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
