import type { TemplateMessage } from '../../inference/chat.ts';
import type { LineProblem, TokenCounts } from '../../protocol/finetuningForm.ts';
import type { ChatRow } from './chatRow.ts';
import type { ExampleSource } from './exampleFiles.ts';
import { measuredRows } from './measuredRows.ts';
import { limits, type Place, placeTold, readExamples, readRows } from './readExamples.ts';

/** Tokens of each conversation, or why the chat template refuses it. */
export type CountChats = (chats: TemplateMessage[][]) => Promise<(number | string)[]>;

/** Characters that are sent to the tokenizer at a time. */
const atOnce = 1 << 20;
/** Of the longest rows, those that are told. */
const mostTold = 200;

/** How many tokens the rows of files have. */
export async function countTokens(source: ExampleSource, countChats: CountChats, signal: AbortSignal): Promise<TokenCounts> {
  const { places, characters } = await readExamples(source, signal);
  const { typical, longest } = measuredRows(characters);
  const wanted = [...new Set([...typical, ...longest])];
  const counted = new Map<number, number>();
  const refused: LineProblem[] = [];
  const told = ({ file, line }: Place) => placeTold(source.path, file, line);
  const count = async (rows: readonly WantedRow[]) => {
    const counts = await countChats(rows.map(({ row }) => row.messages.map(({ role, text }) => ({ role, content: text }))));
    for (const [index, found] of counts.entries()) {
      const { at } = rows[index]!;
      if (typeof found === 'number') counted.set(at, found);
      else if (refused.length < limits.problems)
        refused.push({ ...told(places[at]!), text: `the model's chat template refuses it (${found.slice(0, 300)})` });
    }
  };
  let batch: WantedRow[] = [];
  let size = 0;
  for await (const each of rowsAt(source, places, wanted, signal)) {
    batch.push(each);
    size += each.row.messages.reduce((sum, { text }) => sum + text.length, 0);
    if (size < atOnce) continue;
    await count(batch);
    [batch, size] = [[], 0];
  }
  await count(batch);
  return {
    lengths: typical.flatMap((at) => counted.get(at) ?? []),
    isWhole: typical.length === places.length,
    longest: [...counted]
      .sort(([a, most], [b, tokens]) => tokens - most || a - b)
      .slice(0, mostTold)
      .map(([at, tokens]) => ({ ...told(places[at]!), tokens })),
    refused,
  };
}

/** A row, and which one of all that is. */
interface WantedRow {
  at: number;
  row: ChatRow;
}

async function* rowsAt(
  { files }: ExampleSource,
  places: readonly Place[],
  wanted: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<WantedRow> {
  const byFile = new Map<string, Map<number, number>>();
  for (const at of wanted) {
    const { file, line } = places[at]!;
    byFile.set(file, (byFile.get(file) ?? new Map<number, number>()).set(line, at));
  }
  for (const file of files) {
    const lines = byFile.get(file);
    if (lines) for await (const { line, row } of readRows(file, new Set(lines.keys()), signal)) yield { at: lines.get(line)!, row };
  }
}
