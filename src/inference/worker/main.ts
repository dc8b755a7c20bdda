import { messageOf, UserError } from '../../base/userError.ts';
import { isOnnx } from '../../catalog/headers/readHeader.ts';
import type { FromWorker, Loaded, LoadOptions, ToWorker } from '../workerMessages.ts';
import { ChatTokenizer } from './chatTokenizer.ts';
import { LlamaModel } from './llamaModel.ts';
import { OnnxEmbedder } from './onnxEmbedder.ts';
import type { RunningModel } from './runningModel.ts';

/**
 * A process that has one model loaded, started by the control plane. Native code runs here alone: when it crashes, one model is gone and nothing else. It ends with the
 * process that started it.
 */
let model: RunningModel | undefined;
let tokenizer: ChatTokenizer | undefined;
const underWay = new Map<number, AbortController>();

const tell = (message: FromWorker) => process.send?.(message);

process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorker) => {
  if (message.kind === 'load') load(message);
  else if (message.kind === 'cancel') underWay.get(message.id)?.abort(new Error('canceled'));
  else answer(message);
});

function load(options: Extract<ToWorker, { kind: 'load' }>): void {
  opened(options).then(
    (loaded) => tell({ kind: 'loaded', loaded }),
    (error) => tell({ kind: 'notLoaded', message: messageOf(error), isOfDevice: (error as { code?: string }).code === 'DeviceFailed' }),
  );
}

async function opened(options: LoadOptions): Promise<Loaded> {
  if (options.isTokenizer) return (tokenizer = await ChatTokenizer.load(options)).loaded;
  const kind: { load(options: LoadOptions): Promise<RunningModel> } = isOnnx(options.file) ? OnnxEmbedder : LlamaModel;
  return (model = await kind.load(options)).loaded;
}

function answer(message: Exclude<ToWorker, { kind: 'load' | 'cancel' }>): void {
  const { id } = message;
  const controller = new AbortController();
  underWay.set(id, controller);
  work(message, controller.signal)
    .catch((error: Error) => {
      const { code, hint } = error instanceof UserError ? error : {};
      tell({ kind: 'failed', id, code, message: error.message, hint });
    })
    .finally(() => underWay.delete(id));
}

async function work(message: Exclude<ToWorker, { kind: 'load' | 'cancel' }>, signal: AbortSignal): Promise<void> {
  const { id, caller } = message;
  const onPiece = (piece: Extract<FromWorker, { kind: 'piece' }>['piece']) => tell({ kind: 'piece', id, piece });
  if (message.kind === 'chat') tell({ kind: 'answered', id, answer: await model!.chat(message.request, caller, onPiece, signal) });
  else if (message.kind === 'complete')
    tell({ kind: 'answered', id, answer: await model!.complete(message.request, caller, onPiece, signal) });
  else if (message.kind === 'embed') tell({ kind: 'embedded', id, ...(await model!.embed(message.request, signal)) });
  else if (message.kind === 'predict') {
    await model!.predict(message.request, caller, (prediction) => tell({ kind: 'prediction', id, prediction }), signal);
    tell({ kind: 'predicted', id });
  } else if (message.kind === 'countChats') tell({ kind: 'chatsCounted', id, counts: tokenizer!.count(message.chats) });
  else tell({ kind: 'counted', id, tokens: model!.count(message.text) });
}
