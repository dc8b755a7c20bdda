import { mapParallel } from '../../base/parallel.ts';
import type { Range } from '../../base/ranges.ts';
import { UserError } from '../../base/userError.ts';
import { type Copy, type FileContent, largeFile, mostFiles } from '../../protocol/transfer.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import type { Pair } from '../pair.ts';
import { packsOf, piecesIn, piecesOf } from './packs.ts';
import { sendPack } from './sendPack.ts';
import { sharedParts } from './sharedParts.ts';

/** Packs that are on their way at the same time, of each of the batches. */
const parallelPacks = 3;
const parallelBatches = 2;
/** Bytes of files after which a batch is full. What came in parts is assembled at the end of its batch: until then it takes its room twice. */
const batchBytes = 256 * 1024 * 1024;

/** A file, with what of it need not be sent: it has arrived, or another file there has it, too. */
interface Plan {
  file: FileContent;
  arrived: Range[];
  from?: FileContent;
  copies: Copy[];
}

/** Sends files to the names that they have here. Throws `SourceChanged` when one is another file by now; what was sent before stays. */
export async function sendFiles(pair: Pair, container: string, files: readonly FileContent[]): Promise<void> {
  const distinct = new Map(files.map((file) => [file.sha256, file]));
  const twins = files.filter((file) => distinct.get(file.sha256) !== file);
  // What has the same content as another one is only named, once that is there.
  for (const each of [[...distinct.values()], twins])
    await mapParallel(batchesOf(each), parallelBatches, (batch) => sendBatch(pair, container, batch));
}

function batchesOf(files: readonly FileContent[]): FileContent[][] {
  const batches: FileContent[][] = [];
  let bytes = 0;
  for (const file of files) {
    if (batches.length === 0 || batches.at(-1)!.length === mostFiles || bytes + file.size > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(file);
    bytes += file.size;
  }
  return batches;
}

async function sendBatch(pair: Pair, container: string, files: FileContent[]): Promise<void> {
  const { to, signal } = pair;
  const { files: found } = await withRetries(() => to.findFiles({ container, files }, signal), { signal });
  const plans: Plan[] = [];
  for (const [index, file] of files.entries()) {
    const { isThere, arrived } = found[index]!;
    if (!isThere) plans.push({ file, arrived, ...(await partsThere(pair, container, file)) });
  }
  await sendParts(pair, container, plans);
}

/** What another version of a large file that is there has of it. */
async function partsThere(pair: Pair, container: string, file: FileContent): Promise<Pick<Plan, 'from' | 'copies'>> {
  const { to, signal } = pair;
  const { path, size } = file;
  if (size < largeFile) return { copies: [] };
  try {
    const { file: from } = await withRetries(() => to.similarFile({ container, path, size }, signal), { signal });
    return from ? { from, copies: await sharedParts(pair, container, file, from) } : { copies: [] };
  } catch (error) {
    if (isOtherByNow(error)) return { copies: [] };
    throw error;
  }
}

async function sendParts(pair: Pair, container: string, plans: Plan[]): Promise<void> {
  const pieces = plans.flatMap(({ file, arrived, copies }) => piecesOf(file, [...arrived, ...copies]));
  await mapParallel(packsOf(pieces), parallelPacks, (pack) => sendPack(pair, container, pack));
  // A file that was cut off on its way has come in parts, though it was sent as a whole.
  const cut = await notThere(pair, container, plans);
  for (const plan of cut) await assemble(pair, container, plan);
}

async function notThere({ to, signal }: Pair, container: string, plans: Plan[]): Promise<Plan[]> {
  if (plans.length === 0) return [];
  const { files } = await withRetries(() => to.findFiles({ container, files: plans.map(({ file }) => file) }, signal), { signal });
  return plans.filter((_, index) => !files[index]!.isThere);
}

/** Has a file made of its parts, and sends those that are missing all the same. */
async function assemble(pair: Pair, container: string, plan: Plan, isAgain = false): Promise<void> {
  const { to, signal } = pair;
  const { file, from, copies } = plan;
  for (;;)
    try {
      const asked = { ...file, container, copies, ...(from ? { from } : {}) };
      const { isThere, missing } = await withRetries(() => to.assembleFile(asked, signal), { signal });
      if (isThere) return;
      for (const pack of packsOf(piecesIn(file, missing))) await sendPack(pair, container, pack);
    } catch (error) {
      // What it was to take over is gone, or what has arrived is not right: it is sent again, as if there were nothing.
      const isWrong = error instanceof UserError && error.code === 'InvalidRequest';
      if (isAgain || !(isWrong || isOtherByNow(error))) throw error;
      return await assemble(pair, container, { file, arrived: [], copies: [] }, true);
    }
}

const isOtherByNow = (error: unknown): boolean => error instanceof UserError && (error.code === 'Conflict' || error.code === 'NotFound');
