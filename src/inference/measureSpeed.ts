import type { Sampling } from './chat.ts';
import type { WorkerModel } from './workerModel.ts';

/** Tokens of the prompt that is read, at most; of an answer; and answers that are asked for, as a small model may end its answer at once. */
const [promptTokens, answerTokens, mostAnswers] = [512, 24, 4];
/** Tokens after which there is enough to tell a speed. */
const enoughTokens = 16;

const sentence = 'A river carries sand and stones from the mountains down to the plain, where it slows and lets them fall. ';
const sampling: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0, seed: 1, frequencyPenalty: 0, presencePenalty: 0 };

/**
 * How fast a model reads a prompt and writes an answer, in tokens a second. `isEncoder`: it only makes vectors. `mark` is a text that no prompt before has begun with: what a model has read already it does
 * not read again.
 */
export async function measureSpeed(
  model: Pick<WorkerModel, 'loaded' | 'complete' | 'embed' | 'count'>,
  { isEncoder, mark, now, signal }: { isEncoder: boolean; mark: string; now: () => number; signal: AbortSignal },
): Promise<{ read: number; write?: number }> {
  const caller = 'measure';
  const perSentence = Math.max(1, await model.count(sentence, signal));
  const repeats = Math.max(1, Math.floor(Math.min(promptTokens, model.loaded.contextSize / 2) / perSentence));
  const text = (start: string) => `${mark} ${start} ${sentence.repeat(repeats)}`;
  if (isEncoder) {
    await model.embed({ texts: [sentence], isCut: true }, caller, signal);
    const started = now();
    const { tokens } = await model.embed({ texts: [text('0')], isCut: true }, caller, signal);
    return { read: perSecond(tokens, now() - started) };
  }
  const complete = async (prompt: string, maxTokens: number) => {
    const started = now();
    let first: number | undefined;
    const onPiece = () => {
      first ??= now();
    };
    const { usage } = await model.complete({ prompt, sampling, maxTokens, stop: [] }, caller, onPiece, signal);
    const ended = now();
    return { usage, readMs: (first ?? ended) - started, writeMs: first === undefined ? 0 : ended - first };
  };
  // The first answer brings the weights into memory: its time says nothing of those that follow.
  await complete(mark, 1);
  const reading = await complete(text('1'), answerTokens);
  let tokens = 0;
  let ms = 0;
  for (let answer = reading, count = 1; ; count++) {
    // The first token belongs to the reading.
    tokens += Math.max(0, answer.usage.completionTokens - 1);
    ms += answer.writeMs;
    if (tokens >= enoughTokens || count === mostAnswers) break;
    answer = await complete(`${mark} ${count + 1} ${sentence}`, answerTokens);
  }
  const read = perSecond(reading.usage.promptTokens - reading.usage.cachedTokens, reading.readMs);
  return tokens > 0 && ms > 0 ? { read, write: perSecond(tokens, ms) } : { read };
}

const perSecond = (tokens: number, ms: number): number => tokens / (Math.max(ms, 0.001) / 1000);
