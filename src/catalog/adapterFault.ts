import { open } from 'node:fs/promises';
import { UserError } from '../base/userError.ts';
import { readSpan } from '../files/readSpan.ts';
import { type GgufHeader, readGgufHeader } from './headers/readGguf.ts';

/** GGUF's type of 32-bit floats. */
const f32 = 6;
const alphaKey = 'adapter.lora.alpha';

/**
 * Why an adapter can't be used with a model, both GGUF files, by their headers alone; undefined where it can. Engines must not be asked: their native code ends the whole process over some files.
 * Throws when the model itself can't be read.
 * @param names What the two are called in the answer.
 */
export async function adapterFault(adapter: string, base: string, names: { adapter: string; base: string }): Promise<string | undefined> {
  const header = await readGgufHeader(adapter).catch((error) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  if (!header) return `${names.adapter} is damaged, or no GGUF file.`;
  if (header.keys.get('general.type') !== 'adapter') return `${names.adapter} is a whole model, and no adapter.`;
  if (header.keys.get('adapter.type') !== 'lora') return `${names.adapter} is an adapter, but no LoRA.`;
  if ((await typeOf(adapter, header, alphaKey)) !== f32) return `${names.adapter} does not say its ${alphaKey} as a 32-bit number.`;
  return misfit(header, await readGgufHeader(base), names);
}

function misfit(adapter: GgufHeader, base: GgufHeader, names: { adapter: string; base: string }): string | undefined {
  const [wanted, has] = [adapter, base].map(({ keys }) => String(keys.get('general.architecture') ?? 'none'));
  if (wanted !== has) return `${names.adapter} is for models of the architecture ${wanted}, and ${names.base} has ${has}.`;
  const weights = new Map(base.tensors.map(({ name, shape }) => [name, shape]));
  const parts = new Map(adapter.tensors.map(({ name, shape }) => [name, shape]));
  for (const [name, a] of parts) {
    const [, of, part] = /^(.*)\.lora_([ab])$/.exec(name) ?? [];
    // The engine leaves such a part out.
    if (of === undefined && /_norm\.weight$/.test(name)) continue;
    if (of === undefined) return `${names.adapter} has ${name.slice(0, 100)}, which is no part of a LoRA.`;
    const b = parts.get(`${of}.lora_${part === 'a' ? 'b' : 'a'}`);
    if (!b) return `${names.adapter} has one half of what changes ${of.slice(0, 100)}; the other half is missing.`;
    const weight = weights.get(of);
    if (!weight) return `${names.adapter} changes ${of.slice(0, 100)}, which ${names.base} does not have.`;
    // Embeddings are looked up, so their halves lie the other way round; the engine sees to them.
    if (part === 'b' || of === 'token_embd.weight') continue;
    if (weight[0] !== a[0] || weight[1] !== b[1] || a[1] !== b[0])
      return `${names.adapter} was made for a model of another size: ${of.slice(0, 100)} of ${names.base} has ${weight.join(' x ')} numbers, and it is made for ${a[0]} x ${b[1]}.`;
  }
  return undefined;
}

/** How the value of a key is written; undefined where there is none. */
async function typeOf(file: string, { places }: GgufHeader, key: string): Promise<number | undefined> {
  const place = places.get(key);
  if (!place) return undefined;
  // Before it are the length of the key's name, and the name.
  const from = place.from + 8 + Buffer.byteLength(key);
  const handle = await open(file);
  try {
    return (await readSpan(handle, { from, to: from + 4 })).readUInt32LE();
  } finally {
    await handle.close();
  }
}
