import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is used of node-llama-cpp 3.22. It is installed on demand, so that its own types are not here when this is compiled. */
export interface NodeLlamaCpp {
  getLlama(options: {
    gpu: 'cuda' | 'vulkan' | 'metal' | false;
    build: 'never';
    skipDownload: true;
    maxThreads: number;
    logLevel: 'error';
  }): Promise<Llama>;
  LlamaChat: new (options: { contextSequence: Sequence; chatWrapper: ChatWrapper }) => LlamaChat;
  LlamaCompletion: new (options: { contextSequence: Sequence }) => LlamaCompletion;
  resolveChatWrapper(model: Model): ChatWrapper;
}

export interface Llama {
  readonly gpu: 'cuda' | 'vulkan' | 'metal' | false;
  /** `vocabOnly`: its tokenizer alone. */
  loadModel(options: { modelPath: string; vocabOnly?: boolean; onLoadProgress?: (part: number) => void }): Promise<Model>;
  createGrammarForJsonSchema(schema: object): Promise<Grammar>;
  getGrammarFor(type: 'json'): Promise<Grammar>;
  dispose(): Promise<void>;
  /** The compiled code; not of the engine's public interface. */
  readonly _bindings?: { AddonSampler: new (model: object) => Sampler };
}

/** Compiled: chooses a token. */
export interface Sampler {
  applyConfig(config: { temperature: number }): void;
  dispose(): void;
}

export type Grammar = object;
export interface ChatWrapper {
  /** The prompt as the model's template has it. */
  generateContextState(options: { chatHistory: HistoryItem[]; availableFunctions?: Functions; documentFunctionParams?: boolean }): {
    contextText: { tokenize(tokenizer: Tokenizer): Token[] };
  };
}
export type Functions = Record<string, { description?: string; params?: object }>;
/** Handed from one part of the engine to another. */
export type Tokenizer = object;
export type Token = number;

export interface Model {
  readonly tokenizer: Tokenizer;
  /** What its header has. */
  readonly fileInfo: { metadata: { tokenizer?: { chat_template?: unknown } } };
  readonly tokens: { readonly bosString: string | null; readonly eosString: string | null };
  /** The compiled model; not of the engine's public interface. */
  readonly _model?: object;
  /** `last`: tokens that stand before. */
  detokenize(tokens: readonly Token[], specialTokens: boolean, last: readonly Token[]): string;
  createContext(options: {
    contextSize: number;
    sequences: number;
    threads: number;
    batching: {
      itemPrioritizationStrategy: (step: { items: readonly BatchItem[]; size: number }) => { item: BatchItem; processAmount: number }[];
    };
    lora?: { adapters: { filePath: string; scale: number }[] };
  }): Promise<Context>;
  createEmbeddingContext(options: { contextSize: number; threads: number }): Promise<EmbeddingContext>;
  tokenize(text: string, specialTokens?: boolean): Token[];
}

/** What a request wants of the next step. */
export interface BatchItem {
  readonly tokens: readonly Token[];
}

export interface Context {
  /** The compiled context; not of the engine's public interface. */
  readonly _ctx?: {
    setThreads?: (threads: number) => void;
    /**
     * The token that is chosen, and what else was asked for. `filter`: of which tokens the number before sampling is told: those listed, the highest, the lowest, the chosen one, so many of the highest. The last
     * one asks for the sum over all of e to the power of how far each is below the highest.
     */
    sampleToken?: (
      row: number,
      sampler: Sampler,
      probabilities: boolean,
      confidence: boolean,
      filter: readonly [readonly Token[], boolean, boolean, boolean, number],
      weight: boolean,
    ) => Promise<[Token, unknown, unknown, number[] | undefined, number | undefined]>;
  };
  readonly contextSize: number;
  getSequence(): Sequence;
  dispose(): Promise<void>;
}

export interface EmbeddingContext {
  getEmbeddingFor(text: string | Token[]): Promise<{ readonly vector: readonly number[] }>;
  dispose(): Promise<void>;
}

/** Of a step: what comes of the numbers of a row. */
type OnLogits = (row: number, at: number) => unknown;

export interface Sequence {
  readonly context: Context;
  /** Not of the engine's public interface. */
  _decodeTokens?: (
    this: Sequence,
    tokens: unknown,
    logits: unknown,
    priority: unknown,
    meter: unknown,
    shift: unknown,
    onLogits: OnLogits,
    ...others: unknown[]
  ) => Promise<unknown>;
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
  clearHistory(): Promise<void>;
  /** Reads tokens. Of those with options it tells what the model has for each token of the vocabulary behind them, before any sampling. */
  controlledEvaluate(
    tokens: (Token | [Token, { generateNext: { logits: true } }])[],
  ): Promise<(undefined | { next: { logits?: ReadonlyMap<Token, number> } })[]>;
}

export interface HistoryCall {
  type: 'functionCall';
  name: string;
  params: unknown;
  result: unknown;
}

export type HistoryItem =
  | { type: 'system'; text: string }
  | { type: 'user'; text: string }
  | { type: 'model'; response: (string | HistoryCall)[] };

export interface GenerationOptions {
  signal?: AbortSignal;
  stopOnAbortSignal?: boolean;
  maxTokens?: number;
  temperature?: number;
  minP?: number;
  topK?: number;
  topP?: number;
  seed?: number;
  grammar?: Grammar;
  repeatPenalty?: false | { lastTokens?: number; penalty?: number; frequencyPenalty?: number; presencePenalty?: number };
  customStopTriggers?: readonly string[];
}

export interface ChatOptions extends GenerationOptions {
  onResponseChunk?: (chunk: { type: 'segment' | undefined; segmentType: string | undefined; text: string; tokens: Token[] }) => void;
  functions?: Functions;
  documentFunctionParams?: boolean;
}

/** Why a generation ended. */
interface Ended {
  stopReason: 'eogToken' | 'stopGenerationTrigger' | 'functionCalls' | 'maxTokens' | 'abort' | 'customStopTrigger';
}

export interface LlamaChat {
  generateResponse(
    history: HistoryItem[],
    options: ChatOptions,
  ): Promise<{ response: string; functionCalls?: { functionName: string; params: unknown }[]; metadata: Ended }>;
}

export interface LlamaCompletion {
  generateCompletionWithMeta(
    input: Token[],
    options: GenerationOptions & { onToken?: (tokens: Token[]) => void; onTextChunk?: (text: string) => void },
  ): Promise<{ response: string; metadata: Ended }>;
}

/** Loads the engine that is installed in a folder. */
export const loadNodeLlamaCpp = async (folder: string): Promise<NodeLlamaCpp> =>
  (await import(pathToFileURL(path.join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')).href)) as NodeLlamaCpp;
