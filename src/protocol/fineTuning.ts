/** What a hyperparameter of a fine-tuning job is, wherever one is asked for, checked, or passed on. */
export interface Hyperparameter {
  kind: 'whole' | 'number' | 'yes' | 'text';
  /** As the steps of the pipeline have it where nothing is given. */
  default: number | boolean | string;
  /** Smallest value; 0 when absent. */
  least?: number;
  oneOf?: readonly string[];
  /** Of a text, which becomes part of a command: what it may be, and that in words. One whose default is empty may be. */
  form?: { pattern: RegExp; wanted: string };
  /** The steps of the pipeline that take it. */
  steps: readonly string[];
}

/**
 * The hyperparameters that a fine-tuning job of this machine has. Names are those of Azure ML's own fine-tuning components where these have them
 * (azureml-acft-nlp-components), so that a file means the same there.
 */
export const hyperparameters = {
  num_train_epochs: { kind: 'whole', default: 1, least: 1, steps: ['train'] },
  per_device_train_batch_size: {
    kind: 'whole',
    default: 8,
    least: 1,
    steps: ['train'],
  },
  learning_rate: { kind: 'number', default: 0.002, steps: ['train'] },
  lora_r: { kind: 'whole', default: 8, least: 1, steps: ['import', 'train'] },
  lora_alpha: { kind: 'whole', default: 16, least: 1, steps: ['train'] },
  lora_dropout: { kind: 'number', default: 0, steps: ['train'] },
  target_modules: {
    kind: 'text',
    default: 'all-linear',
    form: { pattern: /^[\w.,-]+$/, wanted: 'letters, digits, commas and dots' },
    steps: ['import', 'train'],
  },
  max_seq_length: {
    kind: 'whole',
    default: 512,
    least: 8,
    steps: ['prepare'],
  },
  skip_bad_rows: { kind: 'yes', default: false, steps: ['prepare'] },
  early_stopping_patience: {
    kind: 'whole',
    default: 0,
    steps: ['train'],
  },
  checkpoint_steps: {
    kind: 'whole',
    default: 10,
    least: 1,
    steps: ['train'],
  },
  precision: {
    kind: 'text',
    default: 'auto',
    oneOf: ['auto', 'fp32', 'bf16', 'qlora'],
    steps: ['train'],
  },
  max_kl: {
    kind: 'number',
    default: 0.001,
    steps: ['verify'],
  },
  judge_model: {
    kind: 'text',
    default: '',
    form: { pattern: /^[\w.][\w.:@/+-]*$/, wanted: 'the name of a language model' },
    steps: ['prepare', 'evaluate'],
  },
  judge_url: {
    kind: 'text',
    default: '',
    // Without a name and password: it is shown and kept.
    form: {
      pattern: /^https?:\/\/(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d+)?(?:\/[\w.~/-]*)?$/,
      wanted: "the address of OpenAI's API on a server, such as http://127.0.0.1:8080/v1",
    },
    steps: ['prepare', 'evaluate'],
  },
  judge_examples: { kind: 'whole', default: 50, least: 1, steps: ['evaluate'] },
  seed: { kind: 'whole', default: 0, steps: ['prepare', 'train'] },
} as const satisfies Record<string, Hyperparameter>;

const table: Readonly<Record<string, Hyperparameter>> = hyperparameters;

/** The hyperparameters that a step takes, of those that are given. */
export const ofStep = (step: string, given: readonly string[]): string[] => given.filter((name) => table[name]?.steps.includes(step));

/** What is wrong with a hyperparameter, as a sentence; undefined when nothing is. */
export function hyperparameterProblem(name: string, value: unknown): string | undefined {
  const known = Object.hasOwn(table, name) ? table[name]! : undefined;
  if (!known)
    return `"${name.slice(0, 50)}" is no hyperparameter of a fine-tuning on this machine. There are: ${Object.keys(table).join(', ')}.`;
  const text = String(value ?? '').trim();
  const wanted = wantedOf(known);
  return isRight(known, text) ? undefined : `"${name}" must be ${wanted}, and is ${JSON.stringify(value)?.slice(0, 50)}.`;
}

/** What is wrong with a hyperparameter that says something of a judge where none is named. */
export const withoutJudge = (name: string, given: Readonly<Record<string, unknown>>): string | undefined =>
  name.startsWith('judge_') && !given.judge_model && given[name] !== ''
    ? `"${name}" has no effect without "judge_model", which names the judge.`
    : undefined;

function wantedOf({ kind, least = 0, oneOf, form }: Hyperparameter): string {
  if (oneOf) return `one of ${oneOf.join(', ')}`;
  if (kind === 'yes') return 'true or false';
  return form ? form.wanted : `a ${kind === 'whole' ? 'whole ' : ''}number, ${least} or more`;
}

function isRight({ kind, default: usual, least = 0, oneOf, form }: Hyperparameter, text: string): boolean {
  if (oneOf) return oneOf.includes(text);
  if (kind === 'yes') return /^(true|false)$/i.test(text);
  if (form) return form.pattern.test(text) || (text === '' && usual === '');
  const number = text === '' ? Number.NaN : Number(text);
  return (kind === 'whole' ? Number.isSafeInteger(number) : Number.isFinite(number)) && number >= least;
}
