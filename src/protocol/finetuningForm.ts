import type { Static } from 'typebox';
import * as Type from 'typebox';

/** What the form that writes a fine-tuning job asks the plane: models to begin with, what is in files of examples, and what a training takes on this machine. */

const Path = Type.String({ minLength: 1, maxLength: 4096 });

/** Answer of `GET /updraft/finetuning/bases`. */
export const BaseModels = Type.Array(
  Type.Object({
    /** As the list of models has it; of a registered one `azureml:NAME:VERSION`. */
    name: Type.String(),
    /** What its maker calls it. */
    title: Type.Optional(Type.String()),
    /** Its GGUF file: an absolute path on the plane's machine. Absent for registered ones. */
    file: Type.Optional(Type.String()),
    architecture: Type.Optional(Type.String()),
    parameters: Type.Optional(Type.Number()),
    quantization: Type.Optional(Type.String()),
    /** Tokens. */
    contextLength: Type.Optional(Type.Integer()),
    license: Type.Optional(Type.String()),
    /** Why it can't be trained from; empty where it can. */
    reasons: Type.Array(Type.String()),
    /** Its layers that can be adapted, as `target_modules` names them. */
    modules: Type.Array(Type.String()),
  }),
);
export type BaseModels = Static<typeof BaseModels>;
export type BaseModel = BaseModels[number];

const Form = Type.Enum(['messages', 'prompt', 'instruction']);
/** How a row is written: with `messages`, with `prompt` and `completion`, or with `instruction` and `output`. */
export type ExampleForm = Static<typeof Form>;

const Message = Type.Object({ role: Type.String(), text: Type.String() });
export type ExampleMessage = Static<typeof Message>;

/** Where a row is; `file` is named, below its folder, where there may be several. */
const place = { file: Type.Optional(Type.String()), line: Type.Integer() };

/** What is wrong with a line of a file, or with the row on it. */
const LineProblem = Type.Object({ ...place, text: Type.String() });
export type LineProblem = Static<typeof LineProblem>;

const ExampleFile = Type.Object({
  /** Of the file, or of the folder with so many files. */
  path: Type.String(),
  files: Type.Integer(),
  bytes: Type.Number(),
  /** That can be learned from, and that can't. */
  rows: Type.Integer(),
  wrong: Type.Integer(),
  /** Rows that say what one before them says. */
  duplicates: Type.Integer(),
  /** Rows that are in the training data, too; of other files. */
  known: Type.Integer(),
  /** It is so large that only its beginning was read. */
  isPart: Type.Boolean(),
  forms: Type.Partial(Type.Record(Form, Type.Integer())),
  /** The first ones. */
  problems: Type.Array(LineProblem),
  first: Type.Array(Type.Object({ ...place, messages: Type.Array(Message) })),
  /** Of all rows. */
  characters: Type.Number(),
});
export type ExampleFile = Static<typeof ExampleFile>;

/** Why a file was not read. */
const Unread = Type.Object({ error: Type.String(), hint: Type.Optional(Type.String()) });
export type Unread = Static<typeof Unread>;

/** `POST /updraft/finetuning/data`: reads examples of the plane's machine, each a file or a folder of files. A folder may have data to validate and to test with, too. */
export const ExamplesRequest = Type.Object({ training: Path, validation: Type.Optional(Path) });
export type ExamplesRequest = Static<typeof ExamplesRequest>;
export const ExamplesAnswer = Type.Object({
  training: Type.Union([ExampleFile, Unread]),
  validation: Type.Optional(Type.Union([ExampleFile, Unread])),
  test: Type.Optional(Type.Union([ExampleFile, Unread])),
});
export type ExamplesAnswer = Static<typeof ExamplesAnswer>;

/** Tokens of the rows of a file, each as the model's chat template writes it. */
const TokenCounts = Type.Object({
  /** Of all rows; of very many, of rows in even distances. */
  lengths: Type.Array(Type.Integer()),
  isWhole: Type.Boolean(),
  /** The rows with most tokens, the longest first. */
  longest: Type.Array(Type.Object({ ...place, tokens: Type.Integer() })),
  /** Rows that the template refuses; the first ones. */
  refused: Type.Array(LineProblem),
});
export type TokenCounts = Static<typeof TokenCounts>;

/** `POST /updraft/finetuning/tokens`: counts with the tokenizer of a base model. */
export const TokensRequest = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 2000 }),
  training: Path,
  validation: Type.Optional(Path),
});
export type TokensRequest = Static<typeof TokensRequest>;
export const TokensAnswer = Type.Object({
  training: TokenCounts,
  validation: Type.Optional(TokenCounts),
  test: Type.Optional(TokenCounts),
});
export type TokensAnswer = Static<typeof TokensAnswer>;

/** Rows that are trained with, by which it is validated after each epoch, and on which base and tuned model are compared. */
const Split = Type.Object({ train: Type.Integer(), valid: Type.Integer(), test: Type.Integer() });
export type Split = Static<typeof Split>;

const count = Type.Integer({ minimum: 0, maximum: 1e9 });
/** `POST /updraft/finetuning/plan`: what a training would do on this machine, and take. */
export const PlanRequest = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 2000 }),
  /** Rows that fit. */
  training: count,
  validation: Type.Optional(count),
  test: Type.Optional(count),
  /** Of a row, as they are filled up to the longest of their batch; and of the longest row. */
  tokens: Type.Object({ mean: Type.Number({ minimum: 0, maximum: 1e7 }), longest: count }),
  epochs: Type.Integer({ minimum: 1, maximum: 10_000 }),
  batchSize: Type.Integer({ minimum: 1, maximum: 100_000 }),
  rank: Type.Integer({ minimum: 1, maximum: 100_000 }),
  targetModules: Type.String({ maxLength: 2000 }),
});
export type PlanRequest = Static<typeof PlanRequest>;

const Range = Type.Object({ from: Type.Number(), to: Type.Number() });
export type Range = Static<typeof Range>;

export const TrainingPlan = Type.Object({
  /** Or why there are too few rows. */
  split: Type.Union([Split, Type.Object({ problem: Type.String() })]),
  /** Why what is trained could not be used afterwards. */
  reasons: Type.Array(Type.String()),
  /** What follows needs a split and a model whose header tells its sizes. */
  estimate: Type.Optional(
    Type.Object({
      steps: Type.Integer(),
      /** Weights of the adapter. */
      trained: Type.Number(),
      /** Of the training, and of the whole pipeline. */
      trainingSeconds: Range,
      seconds: Range,
      /** Bytes of memory at most, and how many this machine has, and has free now. */
      memory: Range,
      machineMemory: Type.Number(),
      freeMemory: Type.Number(),
      /** Bytes that stay on the disk while and after it runs. */
      disk: Type.Number(),
      /** What the figures rest on, in sentences. */
      basis: Type.Array(Type.String()),
      /** What speaks against it, in sentences. */
      warnings: Type.Array(Type.String()),
    }),
  ),
  /** What is downloaded once, in sentences. */
  downloads: Type.Array(Type.String()),
});
export type TrainingPlan = Static<typeof TrainingPlan>;
