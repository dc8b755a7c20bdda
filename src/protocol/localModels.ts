import type { Static } from 'typebox';
import * as Type from 'typebox';

/** ML models as files of the plane's machine: those that are there, and those that can be got. Changes of kind `localModel` tell of both; their id is the model's name. */

/** Whether a model runs on the machine: yes, when other programs leave it the memory, or no. */
const Fit = Type.Object({
  runs: Type.Union([Type.Literal(true), Type.Literal('later'), Type.Literal(false)]),
  /** Bytes of memory. */
  needs: Type.Optional(Type.Number()),
  /** Tokens of context that there is memory for. */
  context: Type.Optional(Type.Integer()),
  /** How much of it the GPU has room for; absent where it runs on the processor alone. */
  onGpu: Type.Optional(Type.Enum(['whole', 'part'])),
  /** Why not, and what to do. */
  why: Type.Optional(Type.String()),
});
export type LocalModelFit = Static<typeof Fit>;

/** Tokens a second. */
const Speed = Type.Object({
  /** Of a prompt that is read. */
  read: Type.Number(),
  /** Of an answer that is written; absent for models that make vectors. */
  write: Type.Optional(Type.Number()),
});
export type ModelSpeed = Static<typeof Speed>;

export const LocalModel = Type.Object({
  name: Type.String(),
  /** The program whose store it is in, or its folder. */
  place: Type.String(),
  /** Absolute paths on the plane's machine. */
  files: Type.Array(Type.String()),
  bytes: Type.Number(),
  format: Type.Optional(Type.String()),
  architecture: Type.Optional(Type.String()),
  /** What its maker calls it. */
  title: Type.Optional(Type.String()),
  /** `chat`, `text`, `embeddings`, `adapter`; absent where its file does not tell. */
  task: Type.Optional(Type.String()),
  parameters: Type.Optional(Type.Number()),
  quantization: Type.Optional(Type.String()),
  contextLength: Type.Optional(Type.Integer()),
  languages: Type.Optional(Type.Array(Type.String())),
  license: Type.Optional(Type.String()),
  licenseUrl: Type.Optional(Type.String()),
  /** Where it came from, as it is asked for again. */
  source: Type.Optional(Type.String()),
  /** Of its first file, where its store keeps it. */
  sha256: Type.Optional(Type.String()),
  fit: Fit,
  /** It can be removed: it is in Updraft's own store. */
  isOwn: Type.Boolean(),
  /** Its speed is being measured now. */
  isMeasuring: Type.Boolean(),
  measured: Type.Optional(
    Type.Object({
      at: Type.String(),
      speed: Type.Optional(Speed),
      /** Milliseconds that it took to load. */
      loadMs: Type.Optional(Type.Number()),
      /** Why it could not be loaded or did not answer. */
      problem: Type.Optional(Type.String()),
    }),
  ),
  /** Worked out from the speed of other models; of one that was not measured. */
  estimate: Type.Optional(Speed),
});
export type LocalModel = Static<typeof LocalModel>;

/** A model of the list that every plane knows. */
export const ModelToGet = Type.Object({
  name: Type.String(),
  what: Type.String(),
  license: Type.String(),
  parameters: Type.String(),
  quantization: Type.String(),
  /** To download. */
  bytes: Type.Number(),
  fit: Fit,
  estimate: Type.Optional(Speed),
});
export type ModelToGet = Static<typeof ModelToGet>;

/** A download that is under way, or ended before the model was whole. What has come is kept, and the next try goes on from there. */
export const ModelDownload = Type.Object({
  /** What the model will be called. */
  name: Type.String(),
  /** As it was asked for, and is to be asked for again. */
  asked: Type.String(),
  /** `Interrupted`: the plane ended meanwhile. */
  status: Type.Enum(['Running', 'Failed', 'Canceled', 'Interrupted']),
  /** Bytes that have come, of how many; 0 while that is not known. */
  done: Type.Number(),
  total: Type.Number(),
  /** Another process gets the same model; this one waits for it. */
  isWaiting: Type.Boolean(),
  error: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
});
export type ModelDownload = Static<typeof ModelDownload>;

/** Answer of `GET /updraft/models`. */
export const LocalModels = Type.Object({
  /** Bytes of memory in all, and that programs can have now. */
  machine: Type.Object({
    memory: Type.Number(),
    available: Type.Number(),
    /** The GPU that models are computed on. */
    gpu: Type.Optional(Type.Object({ name: Type.String(), memory: Type.Number(), available: Type.Number() })),
  }),
  models: Type.Array(LocalModel),
  /** Those that are not there yet. */
  toGet: Type.Array(ModelToGet),
  downloads: Type.Array(ModelDownload),
});
export type LocalModels = Static<typeof LocalModels>;

/** `POST /updraft/models/find`: looks a model up at its source, before anything of it is downloaded. */
export const FindModelRequest = Type.Object({
  /** A name of the list, `hf:ORG/REPO/FILE`, `pypi:…`, `npm:…` or an https address. */
  model: Type.String({ minLength: 1, maxLength: 2000 }),
});
export const ModelFound = Type.Object({
  name: Type.String(),
  source: Type.String(),
  /** To download; absent where the source does not say. */
  bytes: Type.Optional(Type.Number()),
  license: Type.Optional(
    Type.Object({
      name: Type.String(),
      text: Type.Optional(Type.String()),
      url: Type.Optional(Type.String()),
      /** Tells this licence with this text from others. */
      key: Type.String(),
      isAccepted: Type.Boolean(),
    }),
  ),
  /** Whether the machine has the memory for it, in a sentence. */
  fit: Type.Optional(Type.String()),
  /** Why the disk has no room for it, in a sentence. */
  diskProblem: Type.Optional(Type.String()),
});
export type ModelFound = Static<typeof ModelFound>;

/** The answer where a repository has several models: which is meant? */
export const ModelChoices = Type.Object({
  choices: Type.Array(
    Type.Object({
      /** As it is asked for. */
      model: Type.String(),
      /** Its file's name. */
      name: Type.String(),
      bytes: Type.Optional(Type.Number()),
      fit: Type.Optional(Fit),
    }),
  ),
});
export const FindModelAnswer = Type.Union([ModelChoices, ModelFound]);
export type FindModelAnswer = Static<typeof FindModelAnswer>;

/** `POST /updraft/models/downloads`: gets a model. Who has seen its licence sends the key of it, which accepts it. */
export const GetModelRequest = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 2000 }),
  acceptedLicense: Type.Optional(Type.String({ maxLength: 200 })),
});
export type GetModelRequest = Static<typeof GetModelRequest>;

/** `POST /updraft/models/search`: looks for models with GGUF files on the Hugging Face Hub. */
export const SearchModelsRequest = Type.Object({ text: Type.String({ minLength: 1, maxLength: 200 }) });
export const FoundOnHub = Type.Array(
  Type.Object({
    /** As it is asked for: `hf:ORG/REPO`. */
    model: Type.String(),
    downloads: Type.Number(),
    license: Type.Optional(Type.String()),
    isGated: Type.Boolean(),
  }),
);
export type FoundOnHub = Static<typeof FoundOnHub>;

/** `POST` of `/updraft/models/cancel`, `/forget`, `/remove` and `/measure`: the model that is meant. */
export const NamedModel = Type.Object({ name: Type.String({ minLength: 1, maxLength: 2000 }) });
export const FreedBytes = Type.Object({ freedBytes: Type.Number() });

/** Header with a person's own token of the Hugging Face Hub, which the plane uses for this one request or download and keeps nowhere. */
export const hubTokenHeader = 'x-updraft-hub-token';
