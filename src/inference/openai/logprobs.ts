import type { ChatLogprobs, TextLogprobs } from '../../protocol/openAi.ts';
import type { TokenChoice, TokenProbability } from '../chat.ts';

/** The probabilities of a chat's tokens as OpenAI answers them; null where they were not asked for, or where nothing that is shown was written. */
export const chatLogprobs = (tokens: readonly TokenProbability[] | undefined): ChatLogprobs | null =>
  tokens?.length
    ? { content: tokens.map((each) => ({ ...chatToken(each), top_logprobs: each.alternatives.map(chatToken) })), refusal: null }
    : null;

const chatToken = ({ text, logProbability }: TokenChoice) => ({ token: text, logprob: finite(logProbability), bytes: bytesOf(text) });

/** The probabilities of a completion's tokens as OpenAI answers them. `text` is what the tokens are, and stands `offset` characters behind the beginning of the prompt. */
export function textLogprobs(tokens: readonly TokenProbability[], text: string, offset: number): TextLogprobs {
  const most = charactersOf(text);
  let at = 0;
  return {
    tokens: tokens.map((each) => each.text),
    token_logprobs: tokens.map((each) => finite(each.logProbability)),
    // The token itself is among them, even where others were more likely.
    top_logprobs: tokens.map((each) =>
      Object.fromEntries([...each.alternatives, each].map((one) => [one.text, finite(one.logProbability)])),
    ),
    text_offset: tokens.map((each) => {
      // Several tokens may be one character, and each of them is told as a character that can't be shown.
      const from = Math.min(at, most);
      at += charactersOf(each.text);
      return offset + from;
    }),
  };
}

/** As Python counts them. */
export const charactersOf = (text: string): number => [...text].length;

/** As OpenAI tells of tokens that can't come. JSON has no infinity. */
const finite = (logProbability: number): number => Math.max(logProbability, -9999);

/** UTF-8. A token that is a part of a character only has no text. */
const bytesOf = (text: string): number[] | null => (text.includes('\uFFFD') ? null : [...Buffer.from(text)]);
