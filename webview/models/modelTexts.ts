import { formatBytes, formatCount } from '../../src/base/text.ts';
import type { LocalModel, LocalModelFit, ModelSpeed, ModelToGet } from '../../src/protocol/localModels.ts';
import { plainText } from '../shared/ui/plainText.ts';

const tasks: Record<string, string> = { chat: 'Chat', text: 'Text', embeddings: 'Embeddings', adapter: 'Adapter' };

/** What a model is made for. */
export const taskText = (task: string | undefined): string | undefined =>
  task === undefined ? undefined : (tasks[task] ?? plainText(task, 30));

/** A number of tokens. */
export const tokensText = (tokens: number): string => `${tokens.toLocaleString('en')} tokens`;

export interface Look {
  icon: string;
  tone: string;
  text: string;
  why?: string | undefined;
}

/** Whether a model runs on the machine, in a few words, with the icon and tone that go with them. */
export function fitLook({ runs, context, onGpu, why }: LocalModelFit): Look {
  if (runs === true) {
    const where = onGpu === 'whole' ? ' on the GPU' : onGpu ? ', in part on the GPU' : context ? '' : ' on this machine';
    return { icon: 'pass', tone: 'tone-passed', text: `Runs${where}${context ? `, with a context of ${tokensText(context)}` : ''}`, why };
  }
  if (runs === 'later') return { icon: 'warning', tone: 'tone-warning', text: 'Not now', why };
  return { icon: 'circle-slash', tone: 'tone-skipped', text: 'Does not run here', why };
}

const rate = (perSecond: number): string =>
  perSecond >= 10 ? Math.round(perSecond).toLocaleString('en') : perSecond.toLocaleString('en', { maximumFractionDigits: 1 });
/** No more digits than an estimate is good for. */
const rough = (perSecond: number): number => Number(perSecond.toPrecision(2));

/** How fast it writes, or reads where it writes nothing. */
export const estimateText = ({ read, write }: ModelSpeed): string => `About ${rate(rough(write ?? read))} tokens/s, an estimate`;

/** Both speeds. */
export const speedDetail = ({ read, write }: ModelSpeed): string =>
  write === undefined ? `Reads ${rate(read)} tokens/s` : `Writes ${rate(write)} tokens/s, reads ${rate(read)} tokens/s`;

export const estimateDetail = ({ read, write }: ModelSpeed): string =>
  `${speedDetail({ read: rough(read), ...(write === undefined ? {} : { write: rough(write) }) })} (estimate)`;

/** The last folder of a path; the name of a program's store as it is. */
const placeText = (place: string): string =>
  /[\\/]/.test(place) ? `…/${place.split(/[\\/]/).findLast((part) => part !== '') ?? ''}` : place;

/** What is known of a model in one line. */
export function factsLine(model: LocalModel): string {
  const { parameters, quantization, bytes, contextLength, license, place } = model;
  return [
    parameters ? `${formatCount(parameters)} weights` : undefined,
    quantization,
    formatBytes(bytes),
    contextLength ? `context ${contextLength.toLocaleString('en')}` : undefined,
    license,
    placeText(place),
  ]
    .filter((each) => each !== undefined)
    .map((each) => plainText(each, 80))
    .join(' · ');
}

export const factsLineToGet = ({ parameters, quantization, bytes, license }: ModelToGet): string =>
  [`${parameters} weights`, quantization, `${formatBytes(bytes)} to download`, license].join(' · ');
