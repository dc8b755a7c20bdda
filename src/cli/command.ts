import type { OptionTable, Parsed } from './options.ts';

/** One command of `updraft`. Its `run` answers the exit code, 0 when nothing is answered. */
export interface Command {
  /** `job submit` */
  name: string;
  /** One line. */
  summary: string;
  /** What follows the name: `--file FILE [--set A.B=C]`. */
  usage: string;
  options: OptionTable;
  run(parsed: Parsed): Promise<number | undefined>;
}
