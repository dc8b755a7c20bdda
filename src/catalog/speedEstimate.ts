/** Tokens a second: of a prompt that is read, and of an answer that is written. */
export interface Speed {
  read: number;
  write?: number | undefined;
}

/** A model, as far as its size decides how fast it is. */
export interface Sized {
  /** Weights. */
  parameters: number;
  weightBytes: number;
}

/** How many times larger, or smaller, a model may be than one whose speed tells of it: in very small ones, time goes into other things than weights. */
const [mostLarger, mostSmaller] = [40, 10];

/**
 * Estimates how fast a model is on a machine, from models that were measured there. Undefined when none was measured, or none of about its size. Writing a token reads all weights from memory once, so writing
 * speed goes with their bytes. Reading a prompt handles many tokens at a time and is limited by arithmetic, so reading speed goes with the number of weights. The measured model of the closest size is used.
 */
export function speedEstimate(model: Sized, measured: readonly (Sized & { speed: Speed })[]): Speed | undefined {
  if (model.weightBytes <= 0 || model.parameters <= 0) return undefined;
  const distance = (other: Sized) => Math.abs(Math.log(other.weightBytes / model.weightBytes));
  const usable = measured.filter(({ weightBytes, parameters }) => {
    const times = model.weightBytes / weightBytes;
    return weightBytes > 0 && parameters > 0 && times <= mostLarger && times >= 1 / mostSmaller;
  });
  // One that only makes vectors says nothing of writing.
  const closest = (of: readonly (Sized & { speed: Speed })[]) => [...of].sort((a, b) => distance(a) - distance(b))[0];
  const read = closest(usable);
  if (!read) return undefined;
  const write = closest(usable.filter(({ speed }) => speed.write !== undefined));
  return {
    read: (read.speed.read * read.parameters) / model.parameters,
    ...(write ? { write: (write.speed.write! * write.weightBytes) / model.weightBytes } : {}),
  };
}
