import { promptsIn } from './reference.ts';
import { type ServingOptions, withServedModel } from './servedModel.ts';

/**
 * Lets the engine read prompts that the training will have, from a file like `{"prompts": [{"text", "tokens"}]}`. Answers their number.
 * @throws {UserError} where it reads one as other tokens: what was learned behind these would not be found again.
 */
export async function readPrompts(options: ServingOptions & { prompts: string; signal?: AbortSignal }): Promise<number> {
  const { prompts: file, signal = new AbortController().signal } = options;
  const prompts = await promptsIn(file);
  const longest = prompts.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  await withServedModel(options, longest, async (model) => {
    // Nothing is predicted behind them.
    for (const { text, tokens } of prompts) await model.predict({ text, tokens, from: tokens.length }, () => {}, signal);
  });
  return prompts.length;
}
