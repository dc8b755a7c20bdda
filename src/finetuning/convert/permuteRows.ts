/**
 * The rows of a matrix for queries or keys as llama.cpp has them: what Hugging Face has in the two halves of a head becomes neighbours. `rows` is a multiple of
 * `2 * heads`; a row has `width` numbers.
 */
export function permuteRows(matrix: Float32Array, rows: number, width: number, heads: number): Float32Array<ArrayBuffer> {
  const permuted = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) permuted.set(matrix.subarray(row * width, (row + 1) * width), placeOf(row, rows / heads) * width);
  return permuted;
}

/** The rows as Hugging Face has them, of those of llama.cpp. */
export function unpermuteRows(matrix: Float32Array, rows: number, width: number, heads: number): Float32Array<ArrayBuffer> {
  const unpermuted = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    const from = placeOf(row, rows / heads);
    unpermuted.set(matrix.subarray(from * width, (from + 1) * width), row * width);
  }
  return unpermuted;
}

/** Where llama.cpp has a row of Hugging Face's. */
function placeOf(row: number, perHead: number): number {
  const [head, at, half] = [Math.floor(row / perHead), row % perHead, perHead / 2];
  return head * perHead + (at % half) * 2 + Math.floor(at / half);
}
