import { searchParameters } from '../../spec/sweepToArm.ts';
import type { Fields } from './parts.ts';

/** A search space in the words of the YAML: `{lr: {type: uniform, min_value: 0, max_value: 1}}` of ARM's `{lr: ["uniform", [0, 1]]}`. */
export const searchSpaceOf = (space: Record<string, [string, unknown[]]> | undefined): Fields | undefined =>
  space &&
  Object.fromEntries(
    Object.entries(space).map(([name, [type, values]]) => [
      name,
      { type, ...Object.fromEntries((searchParameters[type] ?? []).map((key, at) => [key, values[at]])) },
    ]),
  );
