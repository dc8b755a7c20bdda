import type { LocalModel, ModelToGet } from '../../src/protocol/localModels.ts';

export const orders = [
  { value: 'name', label: 'By name' },
  { value: 'size', label: 'Smallest first' },
  { value: 'parameters', label: 'Most weights first' },
  { value: 'context', label: 'Longest context first' },
  { value: 'speed', label: 'Fastest first' },
] as const;

type Model = LocalModel | ModelToGet;

/** Weights; those of the list are written as people count them. */
export function weightsOf({ parameters }: Model): number {
  if (typeof parameters !== 'string') return parameters ?? 0;
  const [count = '0', unit] = parameters.split(' ');
  return Number(count) * (unit === 'B' ? 1e9 : 1e6);
}

/** Tokens a second, measured or worked out; 0 where nobody knows. */
const speedOf = (model: Model): number => {
  const speed = ('measured' in model ? model.measured?.speed : undefined) ?? model.estimate;
  return speed?.write ?? speed?.read ?? 0;
};

const byName = (a: Model, b: Model) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1);
const compare: Record<string, (a: Model, b: Model) => number> = {
  size: (a, b) => a.bytes - b.bytes,
  parameters: (a, b) => weightsOf(b) - weightsOf(a),
  context: (a, b) => (('contextLength' in b ? b.contextLength : 0) ?? 0) - (('contextLength' in a ? a.contextLength : 0) ?? 0),
  speed: (a, b) => speedOf(b) - speedOf(a),
};

/** Those that are meant, in the order that was asked for; equal ones by name. */
export function sortedModels<M extends Model>(
  models: readonly M[],
  { text, onlyRunning, order }: { text: string; onlyRunning: boolean; order: string },
): M[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (model: Model) =>
    [
      model.name,
      model.license,
      model.quantization,
      'task' in model ? model.task : '',
      'languages' in model ? model.languages?.join(' ') : '',
      'place' in model ? model.place : '',
      'what' in model ? model.what : '',
    ]
      .join(' ')
      .toLowerCase();
  return models
    .filter((model) => !onlyRunning || model.fit.runs !== false)
    .filter((model) => words.every((word) => textOf(model).includes(word)))
    .sort((a, b) => compare[order]?.(a, b) || byName(a, b));
}
