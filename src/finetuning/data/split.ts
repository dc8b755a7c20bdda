import { plural } from '../../base/text.ts';
import type { Split } from '../../protocol/finetuningForm.ts';

/** Part of the training data that is taken for each of validation and test, where no file is given for them. */
const share = 0.1;

/** How many rows the job will train, validate and test with, or why there are too few. By the rules of `pipeline/code/prepare.py`. */
export function splitOf(training: number, validation?: number, test?: number): Split | string {
  if (training === 0) return 'The training data has no rows.';
  if (validation === 0) return 'The data to validate with has no rows.';
  if (test === 0) return 'The data to test with has no rows.';
  const count = Math.max(1, roundHalfToEven(training * share));
  let left = training;
  for (const name of [...(test === undefined ? ['test'] : []), ...(validation === undefined ? ['valid'] : [])]) {
    if (left <= count)
      return `The training data has ${plural(training, 'row')}, too few to take some for ${name === 'test' ? 'the test' : 'validation'} from. Give more${name === 'valid' ? ', or give validation data' : ''}.`;
    left -= count;
  }
  return { train: left, valid: validation ?? count, test: test ?? count };
}

/** As Python rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const half = value - below;
  return half > 0.5 || (half === 0.5 && below % 2 === 1) ? below + 1 : below;
}
