/** At most `limit` bytes of an answer; the rest is not fetched. */
export async function readUpTo(response: Response, limit: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; isCut: boolean }> {
  const total = sizeOf(response);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader && length < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.byteLength;
  }
  const isMore =
    reader !== undefined &&
    length >= limit &&
    (await reader.read().then(
      ({ done }) => !done,
      () => false,
    ));
  reader?.cancel().catch(() => {});
  const bytes = new Uint8Array(Math.min(length, limit));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece.subarray(0, bytes.byteLength - at), at);
    at += Math.min(piece.byteLength, bytes.byteLength - at);
  }
  return { bytes, isCut: total !== undefined ? total > bytes.byteLength : length > limit || isMore };
}

/** The size of what a part was read of, in bytes, where the answer says it. */
export function sizeOf(response: Response): number | undefined {
  const match = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : undefined;
}
