/** A hyperparameter that the form asks for, by the name that the job's YAML has for it. Values are kept as they are typed. */
export interface Setting {
  name: string;
  label: string;
  /** One line: what it does, and which way to turn it. */
  help: string;
  kind: 'whole' | 'number' | 'modules' | 'yes' | readonly string[];
  value: string;
  least?: number;
  most?: number;
  /** Hardly anyone needs it, and the YAML has it only where it is another one than is usual. */
  isRare?: boolean;
}

export const settings: readonly Setting[] = [
  {
    name: 'num_train_epochs',
    label: 'Epochs',
    help: 'How often all rows are learned from. More fits them closer, and may learn them by heart.',
    kind: 'whole',
    value: '1',
    least: 1,
    most: 10_000,
  },
  {
    name: 'per_device_train_batch_size',
    label: 'Batch size',
    help: 'Rows of a step. Fewer need less memory.',
    kind: 'whole',
    value: '8',
    least: 1,
    most: 100_000,
  },
  {
    name: 'learning_rate',
    label: 'Learning rate',
    help: 'How far a step goes. Lower it when the loss jumps.',
    kind: 'number',
    value: '0.002',
    least: 1e-9,
    most: 10,
  },
  {
    name: 'max_seq_length',
    label: 'Sequence length',
    help: 'Tokens that a row may have. Longer rows are refused, and never cut.',
    kind: 'whole',
    value: '512',
    least: 8,
    most: 1_000_000,
  },
  {
    name: 'lora_r',
    label: 'Rank',
    help: 'Size of the adapter. Higher learns more, and makes it larger.',
    kind: 'whole',
    value: '8',
    least: 1,
    most: 4096,
  },
  {
    name: 'lora_alpha',
    label: 'Alpha',
    help: 'How strongly the adapter counts. Twice the rank is usual.',
    kind: 'whole',
    value: '16',
    least: 1,
    most: 100_000,
  },
  {
    name: 'target_modules',
    label: 'Target modules',
    help: 'Layers that are adapted: all-linear, or their names with commas between them.',
    kind: 'modules',
    value: 'all-linear',
    isRare: true,
  },
  {
    name: 'lora_dropout',
    label: 'Dropout',
    help: 'Part of the adapter that a step leaves out, against learning by heart.',
    kind: 'number',
    value: '0',
    least: 0,
    most: 0.9,
    isRare: true,
  },
  {
    name: 'precision',
    label: 'Precision',
    help: 'How it computes. With auto it tries which is faster here.',
    kind: ['auto', 'fp32', 'bf16'],
    value: 'auto',
    isRare: true,
  },
  {
    name: 'seed',
    label: 'Seed',
    help: 'The same seed with the same data gives the same result.',
    kind: 'whole',
    value: '0',
    least: 0,
    most: 4_294_967_295,
    isRare: true,
  },
  {
    name: 'early_stopping_patience',
    label: 'Patience',
    help: 'Epochs without a better validation loss after which it stops. 0: never.',
    kind: 'whole',
    value: '0',
    least: 0,
    most: 10_000,
    isRare: true,
  },
  {
    name: 'checkpoint_steps',
    label: 'Checkpoint',
    help: 'Steps after which it is saved, to go on from there when it is ended.',
    kind: 'whole',
    value: '10',
    least: 1,
    most: 1_000_000,
    isRare: true,
  },
  {
    name: 'max_kl',
    label: 'Largest divergence',
    help: 'How far answers may be from those of the training, in nats, to be registered.',
    kind: 'number',
    value: '0.001',
    least: 0,
    most: 100,
    isRare: true,
  },
  {
    name: 'skip_bad_rows',
    label: 'Leave out bad rows',
    help: 'Without it, one row that can’t be learned from ends the job before it trains.',
    kind: 'yes',
    value: 'false',
    isRare: true,
  },
];

/** Always in the YAML, so that the result can be made again. */
const alwaysWritten = ['seed', 'target_modules'];

export type Values = Readonly<Record<string, string>>;

export const settingValue = (values: Values, { name, value }: Setting): string => values[name] ?? value;
export const settingNamed = (name: string): Setting => settings.find((each) => each.name === name)!;
export const numberOf = (values: Values, name: string): number => Number(settingValue(values, settingNamed(name)));

/** What is wrong with a value; undefined when nothing is. */
export function faultOf({ kind, least = 0, most = Number.MAX_SAFE_INTEGER }: Setting, value: string): string | undefined {
  const text = value.trim();
  if (kind === 'yes') return undefined;
  if (kind === 'modules')
    return /^[\w.-]+(?:\s*,\s*[\w.-]+)*$/.test(text) ? undefined : 'all-linear, or names with commas between them, such as q_proj, v_proj.';
  if (typeof kind === 'object') return kind.includes(text) ? undefined : `One of ${kind.join(', ')}.`;
  const number = text === '' ? Number.NaN : Number(text);
  const isRight = (kind === 'whole' ? Number.isSafeInteger(number) : Number.isFinite(number)) && number >= least && number <= most;
  return isRight ? undefined : `${kind === 'whole' ? 'A whole number' : 'A number'} from ${least} to ${most.toLocaleString('en')}.`;
}

export const hasFault = (values: Values): boolean => settings.some((each) => faultOf(each, settingValue(values, each)) !== undefined);

/** What the YAML has: what matters, and what is unusual. Azure takes values that are texts alone. */
export const writtenSettings = (values: Values): [name: string, value: string][] =>
  settings
    .filter((each) => !each.isRare || alwaysWritten.includes(each.name) || settingValue(values, each).trim() !== each.value)
    .map((each) => {
      const text = settingValue(values, each).trim();
      const isNumber = (each.kind === 'whole' || each.kind === 'number') && faultOf(each, text) === undefined;
      return [each.name, isNumber ? String(Number(text)) : text];
    });
