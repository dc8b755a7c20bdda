import { convertAdapter } from '../../finetuning/convert/convertAdapter.ts';
import { convertedText } from '../../finetuning/convert/convertedText.ts';
import { mergeAdapter } from '../../finetuning/convert/mergeAdapter.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text } from '../parsed.ts';

const filesOf = (parsed: Parsed) => ({
  base: required(parsed, 'base'),
  adapter: required(parsed, 'adapter'),
  out: required(parsed, 'out'),
});

/** Makes a GGUF adapter of one of PEFT. */
export async function convertAdapterFolder(parsed: Parsed): Promise<Outcome> {
  const type = text(parsed, 'type') === 'f32' ? 'f32' : 'f16';
  return outcomeOf('adapter', await convertAdapter({ ...filesOf(parsed), type }));
}

/** Makes a GGUF model of a base model and an adapter of PEFT. */
export async function mergeAdapterFolder(parsed: Parsed): Promise<Outcome> {
  return outcomeOf('model', await mergeAdapter({ ...filesOf(parsed), type: text(parsed, 'type') }));
}

const outcomeOf = (what: 'adapter' | 'model', made: Awaited<ReturnType<typeof convertAdapter>>): Outcome => ({
  value: { file: made.file, size_bytes: made.bytes, changed_matrices: made.changes },
  text: () => convertedText(what, made),
});
