import { UserError } from '../../base/userError.ts';
import type { TensorMetadata } from '../worker/onnxRuntime.ts';
import type { Given } from './givenInputs.ts';
import { wantedText } from './tensorParts.ts';

/** A value for each input of a model, and how the place of it in the request is called. Throws `InvalidRequest` for names that the model does not have, or that are missing. */
export function wantedInputs(
  given: Given,
  wanted: readonly TensorMetadata[],
  shape: string,
): { input: TensorMetadata; value: unknown; at: string }[] {
  const [only] = wanted;
  if (given.kind === 'named') {
    checkNames(Object.keys(given.values), wanted, shape);
    return wanted.map((input) => ({ input, value: given.values[input.name], at: `${shape}.${input.name}` }));
  }
  if (wanted.length === 1) {
    // The columns are those of the training data, in their order: the model knows no names of them.
    const value = given.kind === 'table' ? given.rows : given.values;
    return [{ input: only!, value, at: shape }];
  }
  if (given.kind === 'table') checkNames(given.columns, wanted, shape);
  const rows = given.kind === 'table' ? given.rows : given.values;
  return wanted.map((input, number) => {
    const column = given.kind === 'table' ? given.columns.indexOf(input.name) : number;
    const value = rows.map((row, at) => {
      if (Array.isArray(row) && row.length === wanted.length) return row[column];
      throw new UserError('InvalidRequest', `${shape}[${at}] must be a list of ${wanted.length} values. ${wantedText(wanted)}`);
    });
    return { input, value, at: `${shape}.${input.name}` };
  });
}

function checkNames(names: readonly string[], wanted: readonly TensorMetadata[], shape: string): void {
  const unknown = names.find((each) => !wanted.some(({ name }) => name === each));
  const missing = wanted.find(({ name }) => !names.includes(name));
  if (unknown === undefined && !missing) return;
  const what = missing ? `${shape} has no "${missing.name}"` : `${shape} has "${unknown!.slice(0, 100)}", which is no input`;
  throw new UserError('InvalidRequest', `${what}. ${wantedText(wanted)}`);
}
