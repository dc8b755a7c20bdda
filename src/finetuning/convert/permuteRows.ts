/**
 * The rows of a matrix for queries or keys as llama.cpp has them: what Hugging Face has in the two halves of a head becomes neighbours. `rows` is a multiple of
 * `2 * heads`; a row has `width` numbers.
 */
export function permuteRows(matrix: Float32Array, rows: number, width: number, heads: number): Float32Array {
  const permuted = new Float32Array(matrix.length);
  const [perHead, half] = [rows / heads, rows / heads / 2];
  for (let row = 0; row < rows; row++) {
    const [head, at] = [Math.floor(row / perHead), row % perHead];
    const to = head * perHead + (at % half) * 2 + Math.floor(at / half);
    permuted.set(matrix.subarray(row * width, (row + 1) * width), to * width);
  }
  return permuted;
}
