import { randomInt } from 'node:crypto';
import { messageOf, UserError } from '../../base/userError.ts';
import type {
  Adapter,
  Answer,
  ChatMessage,
  ChatRequest,
  CompletionRequest,
  Embedded,
  EmbedRequest,
  Generation,
  Piece,
  PredictionRequest,
  TokenProbability,
  Tool,
  ToolCall,
  Usage,
} from '../chat.ts';
import { noVectors } from '../noVectors.ts';
import type { Loaded, LoadOptions } from '../workerMessages.ts';
import { FairQueue } from './fairQueue.ts';
import { historyOf } from './history.ts';
import {
  type ChatWrapper,
  type Context,
  type EmbeddingContext,
  type Functions,
  type GenerationOptions,
  type Llama,
  type LlamaChat,
  type LlamaCompletion,
  loadNodeLlamaCpp,
  type Model,
  type NodeLlamaCpp,
  type Sequence,
} from './nodeLlamaCpp.ts';
import type { RunningModel } from './runningModel.ts';
import { SampledTokens } from './sampledTokens.ts';
import { threadsByStep } from './threads.ts';

/** A place in the context where one answer at a time is made. What is still in it is taken up by a request that begins with the same tokens. */
interface Seat {
  sequence: Sequence;
  chat: LlamaChat;
  completion: LlamaCompletion;
  /** How the last prompt in it begins, so that the next request of the same conversation finds it. */
  text: string;
}

/** Tokens that are predicted at a time: for each, the engine has a number for every token of the vocabulary. */
const predictedAtOnce = 16;

/** Tokens back over which repetition is looked for. */
const penalized = 64;

/** A context with some adapters, and the seats in it. */
interface Room {
  context: Context;
  seats: FairQueue<Seat>;
  users: number;
}

/** Contexts with adapters that are kept, each with a cache of its own in memory. */
const mostRooms = 3;

async function openRoom(
  { LlamaChat, LlamaCompletion, resolveChatWrapper }: NodeLlamaCpp,
  model: Model,
  { contextSize, sequences, threads }: LoadOptions,
  adapters: readonly Adapter[],
): Promise<Room> {
  const lora = adapters.length ? { adapters: adapters.map(({ file, scale }) => ({ filePath: file, scale })) } : undefined;
  const byStep = threadsByStep(threads);
  const context = await model.createContext({ contextSize, sequences, threads, batching: byStep.batching, ...(lora ? { lora } : {}) });
  byStep.follow(context);
  const chatWrapper = resolveChatWrapper(model);
  const seats = Array.from({ length: sequences }, (): Seat => {
    const sequence = context.getSequence();
    return {
      sequence,
      chat: new LlamaChat({ contextSequence: sequence, chatWrapper }),
      completion: new LlamaCompletion({ contextSequence: sequence }),
      text: '',
    };
  });
  return { context, seats: new FairQueue(seats), users: 0 };
}

const misfit = (error: unknown): UserError =>
  new UserError(
    'InvalidRequest',
    `The adapter can't be used with this model: ${messageOf(error)}`,
    'An adapter fits the very model that it was trained from.',
  );

/** Makes one token. */
async function proveIn({ seats }: Room, model: Model): Promise<void> {
  const { signal } = new AbortController();
  const seat = await seats.take('', ([first]) => first!, signal);
  await seat.completion.generateCompletionWithMeta(model.tokenize('a'), { maxTokens: 1, temperature: 0, signal });
  seats.give(seat);
}

/** Rejects with `DeviceFailed` where its code does not go with the driver, or the GPU is gone. */
const llamaOn = (engine: NodeLlamaCpp, { device, threads }: LoadOptions): Promise<Llama> =>
  engine
    .getLlama({ gpu: device === 'cpu' ? false : device, build: 'never', skipDownload: true, maxThreads: threads, logLevel: 'error' })
    .catch((error) => {
      throw new UserError('DeviceFailed', `The engine does not work with ${device}: ${messageOf(error)}`);
    });

/** A GGUF model in this process, with node-llama-cpp. */
export class LlamaModel implements RunningModel {
  readonly loaded: Loaded;
  private readonly engine: NodeLlamaCpp;
  private readonly llama: Llama;
  private readonly model: Model;
  private readonly wrapper: ChatWrapper;
  private readonly options: LoadOptions;
  /** One for each set of adapters that requests add: they belong to a context. The first is that without any, and stays. */
  private readonly rooms = new Map<string, Promise<Room>>();
  private embedding: Promise<EmbeddingContext> | undefined;

  private constructor(engine: NodeLlamaCpp, llama: Llama, model: Model, options: LoadOptions, room: Room, loadMs: number) {
    this.engine = engine;
    this.llama = llama;
    this.model = model;
    this.wrapper = engine.resolveChatWrapper(model);
    this.options = options;
    this.rooms.set('', Promise.resolve(room));
    this.loaded = { contextSize: room.context.contextSize, sequences: options.sequences, device: llama.gpu || 'cpu', loadMs };
  }

  static async load(options: LoadOptions): Promise<LlamaModel> {
    const started = performance.now();
    const engine = await loadNodeLlamaCpp(options.engine);
    const llama = await llamaOn(engine, options);
    const model = await llama.loadModel({ modelPath: options.file });
    const { adapters = [] } = options;
    const room = await openRoom(engine, model, options, adapters).catch((error) => {
      throw adapters.length ? misfit(error) : error;
    });
    // Code for a GPU can be there, load, and still end the process when it first computes: better now than in someone's answer.
    if (llama.gpu) await proveIn(room, model);
    return new LlamaModel(engine, llama, model, options, room, performance.now() - started);
  }

  async chat(request: ChatRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer> {
    const text = request.messages.map(({ text }) => text).join('\n');
    const forced = forcedCall(request);
    const chatHistory = historyOf(forced ? [toolsInWords(request.tools!), ...request.messages] : request.messages);
    const functions = !forced && request.tools?.length ? functionsOf(request.tools) : undefined;
    const prompt = this.wrapper.generateContextState({
      chatHistory,
      ...(functions ? { availableFunctions: functions, documentFunctionParams: true } : {}),
    });
    const promptTokens = this.fitting(prompt.contextText.tokenize(this.model.tokenizer).length);
    const json = forced ?? request.json;
    const grammar = json ? await this.grammarOf(json) : undefined;
    return this.answered(request, caller, text, signal, async ({ chat, sequence }, sampled) => {
      const before = meterOf(sequence);
      let made = '';
      const { functionCalls = [], metadata } = await chat.generateResponse(chatHistory, {
        ...optionsOf(request, signal),
        onResponseChunk: ({ type, text, tokens: ids }) => {
          const tokens = sampled?.of(ids);
          if (!text) return;
          made += text;
          if (!forced) onPiece(type === 'segment' ? { thought: text } : { text, ...(tokens ? { tokens } : {}) });
        },
        ...(grammar ? { grammar } : {}),
        ...(functions ? { functions, documentFunctionParams: true } : {}),
      });
      signal.throwIfAborted();
      const isCut = metadata.stopReason === 'maxTokens';
      if (json && !forced && !isCut) parsed(made);
      const calls = functionCalls.map(({ functionName, params }) => callOf(functionName, params));
      if (forced && !isCut) calls.push(callOfJson(made));
      for (const call of calls) onPiece({ call });
      return { finish: calls.length ? 'tool_calls' : isCut ? 'length' : 'stop', usage: usageOf(sequence, before, promptTokens) };
    });
  }

  /** Goes on from a text as it is, without the template of a chat. */
  async complete(request: CompletionRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer> {
    // Templates of chats are written into such prompts, so that the names of special tokens are meant as those.
    const tokens = this.model.tokenize(request.prompt, true);
    const promptTokens = this.fitting(tokens.length);
    return this.answered(request, caller, request.prompt, signal, async ({ completion, sequence }, sampled) => {
      const before = meterOf(sequence);
      let known: TokenProbability[] | undefined;
      const { metadata } = await completion.generateCompletionWithMeta(tokens, {
        ...optionsOf(request, signal),
        // Told before the text of the same tokens.
        onToken: (ids) => {
          known = sampled?.of(ids);
        },
        onTextChunk: (text) => text && onPiece({ text, ...(known ? { tokens: known } : {}) }),
      });
      signal.throwIfAborted();
      return { finish: metadata.stopReason === 'maxTokens' ? 'length' : 'stop', usage: usageOf(sequence, before, promptTokens) };
    });
  }

  async embed({ texts, isCut }: EmbedRequest, signal: AbortSignal): Promise<Embedded> {
    if (this.options.adapters?.length) throw noVectors();
    const context = await (this.embedding ??= this.model
      .createEmbeddingContext({ contextSize: this.loaded.contextSize, threads: this.options.threads })
      .catch((error) => {
        this.embedding = undefined;
        throw error;
      }));
    const vectors: Float32Array[] = [];
    let tokens = 0;
    for (const text of texts) {
      signal.throwIfAborted();
      const all = this.model.tokenize(text);
      const ids = isCut ? all.slice(0, this.loaded.contextSize - 1) : all;
      tokens += this.fitting(ids.length);
      vectors.push(Float32Array.from((await context.getEmbeddingFor(ids)).vector));
    }
    return { vectors, tokens };
  }

  /** Tells for each token from `from` on, in order, how likely the model had found every token of the vocabulary in its place: the logarithms of probabilities. */
  async predict(
    { adapters, tokens, text, from }: PredictionRequest,
    caller: string,
    onPrediction: (prediction: Float32Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.fitting(tokens.length);
    if (text !== undefined) this.mustRead(text, tokens.slice(0, from));
    await this.seated({ adapters }, caller, '', signal, async ({ sequence }) => {
      await sequence.clearHistory();
      // The last token predicts one that is not there.
      for (let at = 0; at < tokens.length - 1; ) {
        signal.throwIfAborted();
        const isPredicting = at >= from - 1;
        const to = isPredicting ? Math.min(at + predictedAtOnce, tokens.length - 1) : from - 1;
        const part = tokens.slice(at, to);
        const results = await sequence.controlledEvaluate(
          isPredicting ? part.map((each) => [each, { generateNext: { logits: true } }]) : part,
        );
        if (isPredicting) for (const result of results) onPrediction(logProbabilitiesOf(result?.next.logits));
        at = to;
      }
    });
  }

  /** Throws where the engine does not read a text as the given tokens: whoever trained with these would be answered behind another text. */
  private mustRead(text: string, wanted: readonly number[]): void {
    const found: readonly number[] = this.model.tokenize(text, true);
    const at = wanted.findIndex((token, index) => token !== found[index]);
    if (at < 0 && found.length === wanted.length) return;
    throw new UserError(
      'InvalidArgument',
      `This model reads a prompt as other tokens than the training did: ${found.length} and ${wanted.length}, different from token ${at < 0 ? wanted.length : at} on.`,
      'What was learned would not be found again. The tokenizer of the training must be that of the base model.',
    );
  }

  count(text: string): number {
    return this.model.tokenize(text).length;
  }

  /** As many tokens, if they leave room for an answer; a prompt that had to be cut would be answered wrongly. */
  private fitting(tokens: number): number {
    const { contextSize } = this.loaded;
    if (tokens < contextSize) return tokens;
    throw new UserError(
      'InvalidRequest',
      `The prompt has ${tokens} tokens, and the model has a context of ${contextSize} here.`,
      'Send less, or take a model with a longer context.',
    );
  }

  /** Makes an answer in a seat, and listens to its tokens where how likely they were is wanted. */
  private answered(
    request: Generation,
    caller: string,
    text: string,
    signal: AbortSignal,
    work: (seat: Seat, sampled?: SampledTokens) => Promise<Answer>,
  ): Promise<Answer> {
    const { alternatives } = request;
    return this.seated(request, caller, text, signal, (seat) => {
      if (alternatives === undefined) return work(seat);
      const { llama, model } = this;
      return SampledTokens.during({ llama, model, sequence: seat.sequence, alternatives }, (sampled) => work(seat, sampled));
    });
  }

  /** Work in a seat of its own, in the one whose last text has most in common with this one. */
  private async seated<T>(
    { adapters = [] }: Pick<Generation, 'adapters'>,
    caller: string,
    text: string,
    signal: AbortSignal,
    work: (seat: Seat) => Promise<T>,
  ): Promise<T> {
    const room = await this.room(adapters);
    room.users++;
    try {
      const closest = (free: readonly Seat[]) =>
        free.reduce((best, each) => (common(each.text, text) > common(best.text, text) ? each : best));
      const seat = await room.seats.take(caller, closest, signal);
      try {
        seat.text = text;
        return await work(seat);
      } finally {
        room.seats.give(seat);
      }
    } finally {
      room.users--;
    }
  }

  /** The context with these adapters. */
  private async room(adapters: readonly Adapter[]): Promise<Room> {
    const key = adapters.map(({ file, scale }) => `${scale} ${file}`).join('\n');
    let room = this.rooms.get(key);
    if (room) {
      // The last one used is the last one to go.
      if (key) this.rooms.delete(key);
      this.rooms.set(key, room);
      return room;
    }
    room = openRoom(this.engine, this.model, this.options, [...(this.options.adapters ?? []), ...adapters]).catch((error) => {
      this.rooms.delete(key);
      throw misfit(error);
    });
    this.rooms.set(key, room);
    await room;
    await this.closeUnused();
    return room;
  }

  private async closeUnused(): Promise<void> {
    for (const [key, opened] of [...this.rooms]) {
      if (this.rooms.size <= mostRooms + 1) return;
      const room = await opened;
      if (!key || room.users > 0) continue;
      this.rooms.delete(key);
      await room.context.dispose();
    }
  }

  private async grammarOf(json: 'any' | object) {
    try {
      return await (json === 'any' ? this.llama.getGrammarFor('json') : this.llama.createGrammarForJsonSchema(json));
    } catch (error) {
      throw new UserError('InvalidRequest', `The schema can't be made into a grammar: ${(error as Error).message}`);
    }
  }
}

const optionsOf = ({ sampling, maxTokens, stop }: Generation, signal: AbortSignal): GenerationOptions => ({
  signal,
  stopOnAbortSignal: true,
  ...(maxTokens === undefined ? {} : { maxTokens }),
  temperature: sampling.temperature,
  topP: sampling.topP,
  topK: sampling.topK,
  minP: sampling.minP,
  // Without a seed the engine takes the time in seconds, so that answers of the same moment would be the same.
  seed: sampling.seed ?? randomInt(2 ** 32),
  repeatPenalty:
    sampling.frequencyPenalty || sampling.presencePenalty
      ? { lastTokens: penalized, penalty: 1, frequencyPenalty: sampling.frequencyPenalty, presencePenalty: sampling.presencePenalty }
      : false,
  ...(stop.length ? { customStopTriggers: stop } : {}),
});

/** A grammar forces a call, and the model has to know what it calls. */
const toolsInWords = (tools: Tool[]): ChatMessage => ({
  role: 'system',
  text: `Call one of these functions, as JSON with its "name" and its "arguments".\n${tools.map((tool) => JSON.stringify(tool)).join('\n')}`,
});

/** The grammar of a call that has to be made: of any tool, or of one. */
function forcedCall({ tools, toolChoice }: ChatRequest): object | undefined {
  if (!tools?.length || !toolChoice || toolChoice === 'auto') return undefined;
  const meant = typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools;
  return {
    oneOf: meant.map(({ name, parameters }) => ({
      type: 'object',
      properties: { name: { const: name }, arguments: parameters ?? { type: 'object', properties: {} } },
      required: ['name', 'arguments'],
      additionalProperties: false,
    })),
  };
}

const functionsOf = (tools: Tool[]): Functions =>
  Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      { ...(description ? { description } : {}), ...(parameters ? { params: parameters } : {}) },
    ]),
  );

function logProbabilitiesOf(logits: ReadonlyMap<number, number> | undefined): Float32Array {
  if (!logits) throw new Error('The engine has told no logits.');
  const values = new Float64Array(logits.size);
  for (const [token, logit] of logits) values[token] = logit;
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const whole = most + Math.log(values.reduce((sum, each) => sum + Math.exp(each - most), 0));
  return Float32Array.from(values, (each) => each - whole);
}

let made = 0;
const callOf = (name: string, params: unknown): ToolCall => ({
  id: `call_${process.pid}_${++made}`,
  name,
  arguments: JSON.stringify(params ?? {}),
});

function callOfJson(text: string): ToolCall {
  const { name, arguments: params } = parsed(text) as { name: string; arguments: unknown };
  return callOf(name, params);
}

/** What was made by grammar. A small model may still end before it is whole, as when its vocabulary lacks a character. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(
      'CommandFailed',
      `The model ended in the middle of its JSON: ${text.slice(0, 200)}`,
      'A larger model may do better.',
    );
  }
}

const meterOf = ({ tokenMeter }: Sequence) => ({ input: tokenMeter.usedInputTokens, output: tokenMeter.usedOutputTokens });

/** `before`: what the sequence had counted when the request began. */
function usageOf(sequence: Sequence, before: { input: number; output: number }, promptTokens: number): Usage {
  const { input, output } = meterOf(sequence);
  // The last token of a prompt is always read, since the answer follows from it.
  const read = Math.max(input - before.input, 1);
  return { promptTokens, cachedTokens: Math.max(promptTokens - read, 0), completionTokens: output - before.output };
}

/** Characters that two texts begin with alike. */
function common(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}
