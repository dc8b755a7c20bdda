import { UserError } from '../../base/userError.ts';

/** What a request gives a model: values by the names of inputs, a table with named columns, or lists without names. */
export type Given =
  | { kind: 'named'; values: Record<string, unknown> }
  | { kind: 'table'; columns: string[]; rows: unknown[][] }
  | { kind: 'unnamed'; values: unknown[] };

/** The keys of a body that say what is in it: Azure's own, and those of MLflow's server, which are answered with an object around the predictions. */
export const shapes = ['input_data', 'data', 'inputs', 'instances', 'dataframe_split', 'dataframe_records'] as const;
export type Shape = (typeof shapes)[number];

/** Reads the body of a request to `/score`, in the shapes that Azure's and MLflow's servers take. Throws `InvalidRequest`. */
export function givenInputs(body: Record<string, unknown>): { shape: Shape; given: Given } {
  const named = shapes.filter((each) => body[each] !== undefined);
  const [shape] = named;
  if (named.length !== 1 || shape === undefined)
    throw new UserError(
      'InvalidRequest',
      `The body must have one of ${shapes.join(', ')}${named.length ? `, not ${named.join(' and ')}` : ''}.`,
      'Send {"input_data": [[…], […]]}, a list for each row.',
    );
  return { shape, given: givenIn(body[shape], shape) };
}

function givenIn(value: unknown, at: string): Given {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new UserError('InvalidRequest', `${at} is empty.`);
    return value.every(isObject) ? tableOfRecords(value, at) : { kind: 'unnamed', values: value };
  }
  if (!isObject(value)) throw new UserError('InvalidRequest', `${at} must be a list or an object.`);
  const { columns, data } = value;
  if (!Array.isArray(data) || !(Array.isArray(columns) || 'index' in value)) return { kind: 'named', values: value };
  if (columns === undefined) return givenIn(data, `${at}.data`);
  if (!Array.isArray(columns) || !columns.every((each) => typeof each === 'string'))
    throw new UserError('InvalidRequest', `${at}.columns must be a list of names.`);
  if (data.length === 0) throw new UserError('InvalidRequest', `${at}.data is empty.`);
  data.forEach((row, number) => {
    if (!Array.isArray(row) || row.length !== columns.length)
      throw new UserError(
        'InvalidRequest',
        `${at}.data[${number}] must be a list of ${columns.length} values, one for each of the columns.`,
      );
  });
  return { kind: 'table', columns, rows: data as unknown[][] };
}

function tableOfRecords(records: Record<string, unknown>[], at: string): Given {
  const columns = Object.keys(records[0]!);
  const rows = records.map((record, number) => {
    const missing = columns.find((each) => !Object.hasOwn(record, each));
    if (missing !== undefined || Object.keys(record).length !== columns.length)
      throw new UserError(
        'InvalidRequest',
        `${at}[${number}] has other names than ${at}[0], which has ${columns.join(', ').slice(0, 500)}.`,
      );
    return columns.map((each) => record[each]);
  });
  return { kind: 'table', columns, rows };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
