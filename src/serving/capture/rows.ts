type Row = Record<string, unknown>;

/** What is asked of an MLflow model, as rows with named columns; undefined for a body that has none. */
export function inputRows(body: unknown): Row[] | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { input_data, dataframe_split, dataframe_records, inputs, instances } = body as Record<string, unknown>;
  return rowsOf(input_data ?? dataframe_split ?? dataframe_records ?? inputs ?? instances);
}

/** What an MLflow model has answered, as rows. */
export function outputRows(body: unknown): Row[] | undefined {
  const predictions = (body as { predictions?: unknown } | null)?.predictions ?? body;
  if (!Array.isArray(predictions)) return isRow(predictions) ? rowsOf(predictions) : undefined;
  return predictions.map((each) => (isRow(each) || Array.isArray(each) ? rowOf(each) : { prediction: each }));
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

function rowsOf(given: unknown): Row[] | undefined {
  if (Array.isArray(given)) return (given.some((each) => isRow(each) || Array.isArray(each)) ? given : [given]).map((row) => rowOf(row));
  if (!isRow(given)) return undefined;
  const { columns, data } = given;
  if (Array.isArray(data)) return data.map((row) => rowOf(row, Array.isArray(columns) ? columns.map(String) : undefined));
  // Columns by name, as MLflow's `inputs` has them.
  const names = Object.keys(given);
  const length = Math.max(0, ...Object.values(given).map((column) => (Array.isArray(column) ? column.length : 1)));
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, Array.isArray(given[name]) ? given[name][row] : given[name]])),
  );
}

/** Columns without a name have their number. */
function rowOf(row: unknown, columns?: readonly string[]): Row {
  if (isRow(row)) return row;
  const cells = Array.isArray(row) ? row : [row];
  return Object.fromEntries(cells.map((cell, index) => [columns?.[index] ?? String(index), cell]));
}
