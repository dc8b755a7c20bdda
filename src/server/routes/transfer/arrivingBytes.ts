import type { Readable } from 'node:stream';

/**
 * The body of a request as it arrives. What had arrived before the connection was cut can still be taken: a stream that is read piece by piece would throw it away. It is held in memory, at most `most` bytes:
 * nothing is read after them.
 */
export class ArrivingBytes {
  private readonly pieces: Uint8Array[] = [];
  private waiting = 0;
  private isOver = false;
  private wake = () => {};

  private readonly body: Readable;

  constructor(body: Readable, most: number) {
    this.body = body;
    let all = 0;
    const end = () => {
      this.isOver = true;
      this.wake();
    };
    body.on('data', (piece: Uint8Array) => {
      all += piece.byteLength;
      this.pieces.push(piece);
      this.waiting += piece.byteLength;
      if (all > most) body.destroy();
      this.wake();
    });
    // That it was cut off is told by fewer bytes.
    body.on('error', end).on('close', end).on('end', end);
  }

  /** Takes the body as cut off here. */
  stop(): void {
    this.body.destroy();
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
}
