/** An operator of MLflow's filters; words without one are searched for. */
const operator = /[=<>]|\s(?:NOT\s+)?(?:I?LIKE|RLIKE)\s|\sIN\s*\(|\sIS\s+(?:NOT\s+)?NULL\b/i;

/** MLflow's filter for the traces of these runs that pass what a person typed: comparisons, or words that a span has anywhere. */
export function traceFilter(runs: readonly string[], typed: string): string {
  const [first] = runs;
  const ofRuns = runs.length === 1 ? `run_id = ${quoted(first!)}` : `run_id IN (${runs.map(quoted).join(', ')})`;
  const text = typed.trim();
  if (text === '') return ofRuns;
  return `${ofRuns} AND ${operator.test(text) ? text : `text ILIKE ${quoted(`%${text}%`)}`}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
