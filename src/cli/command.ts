import type { Outcome } from './output/outcome.ts';
import type { Parsed } from './parsed.ts';

/** One option of a command: what it takes, and what help, completion and checks say of it. */
export interface Option {
  /**
   * `text`: one value. `path`: one value, a file or folder. `whole`: a whole number. `flag`: on, or what `true` or `false` behind it says.
   * `many`: one value, and again as often as it is given. `pairs`: one or more KEY=VALUE behind it, and again.
   */
  takes: 'text' | 'path' | 'whole' | 'flag' | 'many' | 'pairs';
  /** One line. */
  what: string;
  /** One letter. */
  short?: string;
  /** How help writes the value: `FILE`. */
  value?: string;
  /** All that it may be. */
  choices?: readonly string[];
  /** Where in the YAML the value goes, over what the file says. Of `pairs`: the map that they go into. */
  yaml?: string;
}
export type Options = Readonly<Record<string, Option>>;

/** A command, declared once: both of its spellings (`updraft job show`, `updraft ml job show`), help and completion are made of this. */
export interface Command {
  /** `job create`, then its other names. */
  names: readonly [string, ...string[]];
  /** One line. */
  what: string;
  options: Options;
  /** What may stand without an option, as help writes it: `PATH…`. */
  words?: string;
  /** It works in a workspace, and so it is one of `az ml` too and has its common options. */
  inWorkspace?: boolean;
  /** Takes options that it does not know, as an answer to a line of another program. */
  takesAnything?: boolean;
  /** Not in the overview. */
  isHidden?: boolean;
  run(parsed: Parsed): Promise<Outcome>;
}
