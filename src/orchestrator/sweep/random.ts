import { createHash } from 'node:crypto';

/** Uniform numbers in [0, 1), the same ones for the same words, on every machine: counter-mode SHA-256, so that trial 7 needs no numbers of trials 0 to 6. */
export function randomUnits(...words: (string | number)[]): () => number {
  let block = Buffer.alloc(0);
  let at = 0;
  let counter = 0;
  return () => {
    if (at + 6 > block.length) {
      block = createHash('sha256')
        .update(JSON.stringify([...words, counter++]))
        .digest();
      at = 0;
    }
    const value = block.readUIntBE(at, 6) / 2 ** 48;
    at += 6;
    return value;
  };
}
