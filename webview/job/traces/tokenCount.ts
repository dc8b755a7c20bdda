/** Tokens that a model read and wrote; `total` is their sum where nobody says it. */
export interface TokenCount {
  input?: number;
  output?: number;
  total: number;
}

/** Reads MLflow's `tokenUsage`, as JSON or its text; undefined where it is none. */
export function tokenCount(value: unknown): TokenCount | undefined {
  const usage = typeof value === 'string' ? parsed(value) : value;
  if (typeof usage !== 'object' || usage === null) return undefined;
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage as Record<string, unknown>;
  const numbers = [input, output, total].filter((each) => typeof each === 'number');
  if (numbers.length === 0) return undefined;
  return {
    ...(typeof input === 'number' ? { input } : {}),
    ...(typeof output === 'number' ? { output } : {}),
    total: typeof total === 'number' ? total : numberOf(input) + numberOf(output),
  };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

const format = new Intl.NumberFormat('en');
export const tokenText = ({ total }: TokenCount): string => format.format(total);
/** `120 in, 30 out`. */
export const tokenParts = ({ input, output }: TokenCount): string =>
  [input !== undefined && `${format.format(input)} in`, output !== undefined && `${format.format(output)} out`].filter(Boolean).join(', ');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
