/** The chunks of a stream; undefined when they have more than `most` bytes: what comes after that is not read. */
export async function chunksUpTo(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array[] | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > most) return undefined;
    chunks.push(chunk);
  }
  return chunks;
}
