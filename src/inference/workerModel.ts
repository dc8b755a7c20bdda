import { type ChildProcess, fork } from 'node:child_process';
import { UserError } from '../base/userError.ts';
import type { Answer, ChatRequest, CompletionRequest, Embedded, EmbedRequest, Piece, PredictionRequest, TemplateMessage } from './chat.ts';
import type { FromWorker, Loaded, LoadOptions, ToWorker } from './workerMessages.ts';

/** A request that is under way in the worker. */
interface Asked {
  onPart: (part: Part) => void;
  settle: (message: Extract<FromWorker, { id: number }>) => void;
  fail: (error: Error) => void;
}

/** A part of what is answered, before it is all there. */
type Part = Extract<FromWorker, { kind: 'piece' | 'prediction' }>;
type Question = Extract<ToWorker, { caller: string }>;
/** What is left of a question when its number is given here. */
type WithoutId<Q> = Q extends unknown ? Omit<Q, 'id'> : never;

/** Milliseconds that a model may take to load: large ones come from slow disks. */
const loadPatience = 10 * 60_000;
/** Of what the worker wrote to its error stream, for messages. */
const keptOutput = 4000;

/** A model that is loaded in a process of its own. */
export class WorkerModel {
  readonly loaded: Loaded;
  /** Settles when the process is gone, wanted or not. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;

  private constructor(child: ChildProcess, loaded: Loaded, output: () => string) {
    this.child = child;
    this.loaded = loaded;
    child.on('message', (message: FromWorker) => this.hear(message));
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const error = crashed(code, signal, output());
        for (const { fail } of this.asked.values()) fail(error);
        this.asked.clear();
        resolve();
      });
    });
  }

  /** Starts a worker and loads the model in it. `program` is the file of the worker, `words` is what stands behind it on its command line. */
  static load(program: string, options: LoadOptions, environment: NodeJS.ProcessEnv, words: readonly string[] = []): Promise<WorkerModel> {
    const child = fork(program, words, {
      // Numbers of embeddings cross as they are.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: environment,
      execArgv: [],
    });
    let output = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptOutput);
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => end(new UserError('TimedOut', `The model was not loaded within ${loadPatience / 60_000} minutes.`)),
        loadPatience,
      );
      const end = (error: Error) => {
        clearTimeout(timer);
        child.removeAllListeners();
        child.on('error', () => {});
        child.kill('SIGKILL');
        reject(error);
      };
      child.once('error', (error) =>
        end(new UserError('CommandNotStarted', `The process for the model was not started: ${error.message}`)),
      );
      child.once('exit', (code, signal) => end(crashed(code, signal, output)));
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'notLoaded')
          end(
            message.isOfDevice
              ? new UserError('DeviceFailed', `The model was not loaded: ${message.message}`)
              : new UserError(
                  'InvalidModelFile',
                  `The model was not loaded: ${message.message}`,
                  'Its file may be damaged, or of an architecture that the engine does not know.',
                ),
          );
        if (message.kind !== 'loaded') return;
        clearTimeout(timer);
        child.removeAllListeners();
        child.on('error', () => {});
        resolve(new WorkerModel(child, message.loaded, () => output));
      });
      child.send({ kind: 'load', ...options } satisfies ToWorker);
    });
  }

  /** Of its process. */
  get pid(): number {
    return this.child.pid!;
  }

  async chat(request: ChatRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer> {
    const message = await this.ask({ kind: 'chat', request, caller }, signal, onPieces(onPiece));
    return (message as Extract<FromWorker, { kind: 'answered' }>).answer;
  }

  async complete(request: CompletionRequest, caller: string, onPiece: (piece: Piece) => void, signal: AbortSignal): Promise<Answer> {
    const message = await this.ask({ kind: 'complete', request, caller }, signal, onPieces(onPiece));
    return (message as Extract<FromWorker, { kind: 'answered' }>).answer;
  }

  async embed(request: EmbedRequest, caller: string, signal: AbortSignal): Promise<Embedded> {
    return (await this.ask({ kind: 'embed', request, caller }, signal)) as Extract<FromWorker, { kind: 'embedded' }>;
  }

  /** Tokens of a text. */
  async count(text: string, signal: AbortSignal): Promise<number> {
    return ((await this.ask({ kind: 'count', text, caller: '' }, signal)) as Extract<FromWorker, { kind: 'counted' }>).tokens;
  }

  /** Tokens of each conversation as the model's chat template writes it, or why the template refuses it. Of a worker that has the tokenizer alone. */
  async countChats(chats: TemplateMessage[][], signal: AbortSignal): Promise<(number | string)[]> {
    return ((await this.ask({ kind: 'countChats', chats, caller: '' }, signal)) as Extract<FromWorker, { kind: 'chatsCounted' }>).counts;
  }

  /** Log-probabilities of the whole vocabulary for each token from `from` on, in order. */
  async predict(request: PredictionRequest, onPrediction: (prediction: Float32Array) => void, signal: AbortSignal): Promise<void> {
    await this.ask({ kind: 'predict', request, caller: '' }, signal, (part) => {
      if (part.kind === 'prediction') onPrediction(part.prediction);
    });
  }

  /** Ends the process, and with it what is under way. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private ask(question: WithoutId<Question>, signal: AbortSignal, onPart: Asked['onPart'] = () => {}): Promise<FromWorker> {
    signal.throwIfAborted();
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const done = (act: () => void) => {
        this.asked.delete(id);
        signal.removeEventListener('abort', cancel);
        act();
      };
      const cancel = () => {
        this.child.send({ kind: 'cancel', id } satisfies ToWorker, () => {});
        done(() => reject(signal.reason));
      };
      if (!this.child.connected) return reject(crashed(this.child.exitCode, this.child.signalCode, ''));
      this.asked.set(id, {
        onPart,
        settle: (message) => done(() => (message.kind === 'failed' ? reject(errorOf(message)) : resolve(message))),
        fail: (error) => done(() => reject(error)),
      });
      signal.addEventListener('abort', cancel);
      this.child.send({ ...question, id } satisfies ToWorker, (error) => {
        if (error) this.asked.get(id)?.fail(crashed(this.child.exitCode, this.child.signalCode, ''));
      });
    });
  }

  private hear(message: FromWorker): void {
    if (!('id' in message)) return;
    const asked = this.asked.get(message.id);
    if (message.kind === 'piece' || message.kind === 'prediction') asked?.onPart(message);
    else asked?.settle(message);
  }
}

const onPieces = (onPiece: (piece: Piece) => void) => (part: Part) => {
  if (part.kind === 'piece') onPiece(part.piece);
};

const errorOf = ({ code, message, hint }: Extract<FromWorker, { kind: 'failed' }>): Error =>
  code ? new UserError(code, message, hint) : new UserError('CommandFailed', `The model did not answer: ${message}`);

function crashed(code: number | null, signal: NodeJS.Signals | null, output: string): UserError {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const last = lastWords(output);
  return new UserError(
    'Interrupted',
    `The process that has the model ${how}.${last ? ` Its last words: ${last}` : ''}`,
    'The next request starts it again. When it happens each time, the model may need more memory than there is, or its file is damaged.',
  );
}

/** What a process wrote before it ended: the lines that speak of an error where there are some, and never the places in memory that native code lists. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^\[node-llama-cpp\]\s*/, '').trim())
    .filter((line) => line && !/\[0x[0-9a-f]+\]$/.test(line));
  const errors = lines.filter((line) => /error|not supported|illegal/i.test(line));
  return (errors.length ? errors : lines).slice(-3).join('\n');
}
