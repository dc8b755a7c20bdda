/** Rows for `--output table`: what stands under each heading, in order. */
export type Rows = Record<string, unknown>[];

/** What a command answers. */
export interface Outcome {
  /** The answer as data, in the words of `az ml`: what `--output` writes and `--query` asks. Undefined: there is none. */
  value?: unknown;
  /** The answer for a person. */
  text?: () => string;
  /** The columns that `az` shows of the answer as a table, where it does not show all. */
  table?: () => Rows;
  /** 0 when absent. */
  exitCode?: number;
}
