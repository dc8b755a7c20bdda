import { plural } from '../../../../src/base/text.ts';
import { type Fields, isFields, numbersOf } from './numberOf.ts';

/** Bin `i` reaches from `edges[i]` to `edges[i + 1]`. */
export interface Histogram {
  step?: number;
  edges: number[];
  counts: number[];
}

/** Bins and steps that are read of one file. */
const [mostBins, mostSteps] = [100_000, 5000];
const azureSchemas = ['residuals', 'predictions'];

/**
 * Reads the histograms in a JSON value, one for each step. The known forms are Azure ML's schemas, NumPy's pair of counts and edges, and what TensorBoard and
 * Weights & Biases save. Returns undefined for a value of another form, and a message for a histogram that is not valid.
 */
export function histogramsOf(value: unknown): Histogram[] | string | undefined {
  if (isFields(value)) return ofFields(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  // NumPy's pair of counts and edges.
  if (value.length === 2) {
    const [counts, edges] = value.map(numbersOf);
    if (counts && edges && counts.length > 0 && edges.length === counts.length + 1) return listOf(checked(counts, edges));
  }
  const found: Histogram[] = [];
  for (const each of value.slice(0, mostSteps)) {
    const one = isFields(each) ? ofFields(each) : ofTensorBoard(each);
    if (!Array.isArray(one)) return undefined;
    found.push(...one);
  }
  return found.every(({ step }) => step !== undefined) ? found.sort((a, b) => a.step! - b.step!) : undefined;
}

function ofFields(value: Fields): Histogram[] | string | undefined {
  const isAzure = azureSchemas.includes(String(value.schema_type));
  const claims = isAzure || value._type === 'histogram';
  const data = isAzure ? (isFields(value.data) ? value.data : {}) : value;
  const counts = numbersOf(data.counts ?? data.hist ?? data.bin_counts ?? (claims ? data.values : undefined));
  const edges = numbersOf(data.bin_edges ?? data.edges ?? data.bins);
  if (!counts || !edges) return claims ? 'This should be a histogram, but it has no lists of counts and of edges.' : undefined;
  if (edges.length !== counts.length + 1)
    return claims
      ? `This should be a histogram, but it has ${plural(counts.length, 'count')} and ${plural(edges.length, 'edge')}: there must be one edge more than counts.`
      : undefined;
  const step = typeof value.step === 'number' && Number.isFinite(value.step) ? value.step : undefined;
  return listOf(checked(counts, edges, step));
}

/** An entry of a list of TensorBoard: its time, its step, and bins as `[left, right, count]`. */
function ofTensorBoard(value: unknown): Histogram[] | undefined {
  if (!Array.isArray(value) || value.length !== 3 || typeof value[1] !== 'number' || !Array.isArray(value[2])) return undefined;
  const bins = value[2].map(numbersOf);
  if (bins.length === 0 || !bins.every((bin) => bin?.length === 3)) return undefined;
  const whole = checked(
    bins.map((bin) => bin![2]!),
    [...bins.map((bin) => bin![0]!), bins.at(-1)![1]!],
    value[1],
  );
  return typeof whole === 'string' ? undefined : [whole];
}

const listOf = (found: Histogram | string): Histogram[] | string => (typeof found === 'string' ? found : [found]);

function checked(counts: number[], edges: number[], step?: number): Histogram | string {
  if (counts.length === 0) return 'This histogram has no bins.';
  if (counts.length > mostBins)
    return `This histogram has ${counts.length.toLocaleString('en')} bins: at most ${mostBins.toLocaleString('en')} can be shown.`;
  const wrong = edges.findIndex((edge, at) => !Number.isFinite(edge) || (at > 0 && edge < edges[at - 1]!));
  if (wrong >= 0) return `This should be a histogram, but its edge ${wrong + 1} is not a number that is at least the one before.`;
  return { counts, edges, ...(step === undefined ? {} : { step }) };
}

/** The same in at most so many bins: neighbours are taken together. What is no number counts as nothing. */
export function withFewerBins({ counts, edges, ...rest }: Histogram, most: number): Histogram {
  const size = Math.ceil(counts.length / most);
  if (size === 1) return { ...rest, edges, counts };
  const fewer: Histogram = { ...rest, edges: [edges[0]!], counts: [] };
  for (let at = 0; at < counts.length; at += size) {
    let sum = 0;
    for (const count of counts.slice(at, at + size)) if (Number.isFinite(count)) sum += count;
    fewer.counts.push(sum);
    fewer.edges.push(edges[Math.min(at + size, counts.length)]!);
  }
  return fewer;
}
