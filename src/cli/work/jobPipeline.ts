import { writePipeline } from '../../submit/fineTuning/writePipeline.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, required } from '../parsed.ts';

/** Writes the pipeline of a fine-tuning job. */
export async function writeJobPipeline(parsed: Parsed): Promise<Outcome> {
  const file = await writePipeline(required(parsed, 'file'), required(parsed, 'out'), list(parsed, 'set'));
  return { value: { file }, text: () => `Wrote ${file}. Submit it with "updraft job create --file ${file}".` };
}
