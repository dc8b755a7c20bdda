import { hyperparameterProblem, withoutJudge } from '../protocol/fineTuning.ts';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { isMapValue } from './signature.ts';

/** What a fine-tuning on this machine teaches: to answer. */
const tasksHere = ['chatcompletion', 'textcompletion'];

/** Says of a fine-tuning job what does not run on this machine, or has no meaning there: as errors where it `mustRunHere`. Azure may take it. */
export function checkFineTuning(document: SpecDocument, value: Record<string, any>, mustRunHere: boolean): void {
  const unsupported = (key: string, message: string, hint: string) =>
    document.report(document.pair([], key), 'UnsupportedKind', message, hint, mustRunHere ? 'error' : codes.UnsupportedKind.severity);
  if (plain(value.model_provider) === 'azureopenai') {
    unsupported(
      'model_provider',
      'The fine-tuning of a model of Azure OpenAI does not run on this machine.',
      'Its weights are in Azure alone. Take "model_provider: custom" with a GGUF file here.',
    );
    return;
  }
  if (value.task !== undefined && !tasksHere.includes(plain(value.task)))
    unsupported(
      'task',
      `A fine-tuning for "${String(value.task).slice(0, 50)}" does not run on this machine yet.`,
      'Here models learn to answer: chatCompletion.',
    );
  const hyperparameters = isMapValue(value.hyperparameters) ? value.hyperparameters : {};
  for (const [name, each] of Object.entries(hyperparameters)) {
    const problem = hyperparameterProblem(name, each) ?? withoutJudge(name, hyperparameters);
    if (problem)
      document.report(document.pair(['hyperparameters'], name), 'InvalidValue', problem, undefined, mustRunHere ? 'error' : 'warning');
  }
}

/** Azure's client takes `chatCompletion`, `chat_completion` and `ChatCompletion` alike. */
const plain = (word: unknown): string => String(word).replaceAll('_', '').toLowerCase();
