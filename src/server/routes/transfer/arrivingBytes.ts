/**
 * The body of a request as it arrives. What had arrived before the connection was cut can still be taken, which a stream would throw away. It is held in memory, at most `most` bytes: nothing is read after them.
 */
export class ArrivingBytes {
  private readonly pieces: Uint8Array[] = [];
  private waiting = 0;
  private isOver = false;
  private wake = () => {};

  constructor(body: ReadableStream<Uint8Array> | null, most: number) {
    void this.receive(body, most);
  }

  /** The next bytes; fewer than `length` where the body ended, or was cut off. */
  async take(length: number): Promise<Buffer> {
    while (this.waiting < length && !this.isOver)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    const taken: Uint8Array[] = [];
    let left = Math.min(length, this.waiting);
    this.waiting -= left;
    while (left > 0) {
      const first = this.pieces[0]!;
      const part = first.subarray(0, left);
      taken.push(part);
      left -= part.byteLength;
      if (part.byteLength === first.byteLength) this.pieces.shift();
      else this.pieces[0] = first.subarray(part.byteLength);
    }
    return Buffer.concat(taken);
  }

  private async receive(body: ReadableStream<Uint8Array> | null, most: number): Promise<void> {
    let all = 0;
    try {
      for await (const piece of body ?? []) {
        all += piece.byteLength;
        this.pieces.push(piece);
        this.waiting += piece.byteLength;
        this.wake();
        if (all > most) break;
      }
    } catch {
      // It was cut off: that is what `take` tells by fewer bytes.
    } finally {
      this.isOver = true;
      this.wake();
    }
  }
}
