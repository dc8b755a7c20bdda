import { type Hyperparameter, hyperparameterProblem, hyperparameters } from '../../src/protocol/fineTuning.ts';

type Name = keyof typeof hyperparameters;

/** A hyperparameter that the form asks for, by the name that the job's YAML has for it. Values are kept as they are typed. */
export interface Setting {
  name: Name;
  label: string;
  /** One line: what it does, and which way to turn it. */
  help: string;
  kind: Hyperparameter['kind'];
  oneOf: readonly string[] | undefined;
  /** What a text may be, in words. */
  wanted: string | undefined;
  /** The usual one. */
  value: string;
  least: number;
  most: number;
  /** Hardly anyone needs it, and the YAML has it only where it is another one than is usual. */
  isRare: boolean;
}

/** In words for the form; `most` is what nobody exceeds but by mistake. */
const words: Record<Name, { label: string; help: string; most?: number; isRare?: boolean }> = {
  num_train_epochs: {
    label: 'Epochs',
    help: 'How often all rows are learned from. More fits them closer, and may learn them by heart.',
    most: 10_000,
  },
  per_device_train_batch_size: { label: 'Batch size', help: 'Rows of a step. Fewer need less memory.', most: 100_000 },
  learning_rate: { label: 'Learning rate', help: 'How far a step goes. Lower it when the loss jumps.', most: 10 },
  max_seq_length: {
    label: 'Sequence length',
    help: 'Tokens that a row may have. Longer rows are refused, and never cut.',
    most: 1_000_000,
  },
  lora_r: { label: 'Rank', help: 'Size of the adapter. Higher learns more, and makes it larger.', most: 4096 },
  lora_alpha: { label: 'Alpha', help: 'How strongly the adapter counts. Twice the rank is usual.', most: 100_000 },
  target_modules: {
    label: 'Target modules',
    help: 'Layers that are adapted: all-linear, or their names with commas between them.',
    isRare: true,
  },
  lora_dropout: {
    label: 'Dropout',
    help: 'Part of the adapter that a step leaves out, against learning by heart.',
    most: 0.9,
    isRare: true,
  },
  precision: {
    label: 'Precision',
    help: 'How it computes. With auto it takes what is fastest here; qlora needs an NVIDIA GPU.',
    isRare: true,
  },
  seed: { label: 'Seed', help: 'The same seed with the same data gives the same result.', most: 4_294_967_295, isRare: true },
  early_stopping_patience: {
    label: 'Patience',
    help: 'Validations without a better loss after which it ends and takes the best. 0: never.',
    most: 10_000,
    isRare: true,
  },
  checkpoint_steps: {
    label: 'Checkpoint',
    help: 'Steps after which it is saved, to go on from there when it is ended.',
    most: 1_000_000,
    isRare: true,
  },
  max_kl: {
    label: 'Largest divergence',
    help: 'How far answers may be from those of the training, in nats, to be registered.',
    most: 100,
    isRare: true,
  },
  judge_model: {
    label: 'Judge',
    help: 'A language model that grades the answers before and after, without knowing which is which. Empty: none.',
    isRare: true,
  },
  judge_url: {
    label: 'Address of the judge',
    help: 'Where it answers in OpenAI’s API: questions and answers are sent there. Empty: it is a model of this machine.',
    isRare: true,
  },
  judge_examples: { label: 'Graded examples', help: 'Test rows whose answers the judge grades, at most.', most: 100_000, isRare: true },
  skip_bad_rows: {
    label: 'Leave out bad rows',
    help: 'Without it, one row that can’t be learned from ends the job before it trains.',
    isRare: true,
  },
};

export const settings: readonly Setting[] = Object.entries(words).map(([name, { label, help, most, isRare }]) => {
  const known: Hyperparameter = hyperparameters[name as Name];
  return {
    name: name as Name,
    label,
    help,
    kind: known.kind,
    oneOf: known.oneOf,
    wanted: known.form?.wanted,
    value: String(known.default),
    least: known.least ?? 0,
    most: most ?? Number.MAX_SAFE_INTEGER,
    isRare: isRare ?? false,
  };
});

/** Always in the YAML, so that the result can be made again. */
const alwaysWritten: readonly Name[] = ['seed', 'target_modules'];

export type Values = Readonly<Record<string, string>>;

export const settingValue = (values: Values, { name, value }: Setting): string => values[name] ?? value;
export const settingNamed = (name: string): Setting => settings.find((each) => each.name === name)!;
export const numberOf = (values: Values, name: Name): number => Number(settingValue(values, settingNamed(name)));

/** What is wrong with a value; undefined when nothing is. */
export function faultOf({ name, kind, oneOf, wanted, least, most }: Setting, value: string): string | undefined {
  const text = value.trim();
  const isNumber = kind === 'whole' || kind === 'number';
  if (hyperparameterProblem(name, written(text)) === undefined && !(isNumber && Number(text) > most)) return undefined;
  if (oneOf) return `One of ${oneOf.join(', ')}.`;
  if (name === 'target_modules') return 'all-linear, or names with commas between them, such as q_proj, v_proj.';
  if (wanted) return `It must be ${wanted}.`;
  return kind === 'yes'
    ? 'Yes or no.'
    : `${kind === 'whole' ? 'A whole number' : 'A number'} from ${least} to ${most.toLocaleString('en')}.`;
}

/** A list of names has no spaces where it becomes a part of a command. */
const written = (text: string): string => text.replace(/\s*,\s*/g, ',');

export const hasFault = (values: Values): boolean => settings.some((each) => faultOf(each, settingValue(values, each)) !== undefined);

/** What the YAML has: what matters, and what is unusual. Azure takes values that are texts alone. */
export const writtenSettings = (values: Values): [name: string, value: string][] =>
  settings
    // Without a judge nothing else of it has a meaning.
    .filter(({ name }) => !name.startsWith('judge_') || settingValue(values, settingNamed('judge_model')).trim() !== '')
    .filter((each) => !each.isRare || alwaysWritten.includes(each.name) || settingValue(values, each).trim() !== each.value)
    .map((each) => {
      const text = written(settingValue(values, each).trim());
      const isNumber = (each.kind === 'whole' || each.kind === 'number') && faultOf(each, text) === undefined;
      return [each.name, isNumber ? String(Number(text)) : text];
    });
