import { UserError } from '../../base/userError.ts';
import type { GgufValue } from '../../catalog/headers/readGguf.ts';

/** The numbers of a GGUF header that are an architecture's own: `llama.block_count`. */
export class ArchitectureKeys {
  private readonly keys: ReadonlyMap<string, GgufValue>;
  private readonly architecture: string;

  constructor(keys: ReadonlyMap<string, GgufValue>, architecture: string) {
    this.keys = keys;
    this.architecture = architecture;
  }

  /** @throws {UserError} where it is not one number for all layers: transformers knows but one. */
  number(key: string): number | undefined {
    const value = this.keys.get(`${this.architecture}.${key}`);
    if (value === undefined) return undefined;
    const all = new Set(Array.isArray(value) ? value.map(Number) : [Number(value)]);
    const [first] = all;
    if (all.size !== 1 || first === undefined || !Number.isFinite(first))
      throw new UserError(
        'InvalidModelFile',
        `The model can't be trained: ${this.architecture}.${key} is not one number for all layers.`,
        'Take another model.',
      );
    return first;
  }

  /** @throws {UserError} where it is not there. */
  needed(key: string): number {
    const value = this.number(key);
    if (value === undefined || value <= 0)
      throw new UserError(
        'InvalidModelFile',
        `The model can't be trained: its file does not have ${this.architecture}.${key}.`,
        'Get the file again, or take another model.',
      );
    return value;
  }

  /** Numbers in a head of attention. */
  headWidth(): number {
    return this.number('attention.key_length') ?? this.needed('embedding_length') / this.needed('attention.head_count');
  }
}
