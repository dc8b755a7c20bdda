import type { TemplateMessage } from '../../inference/chat.ts';
import type { LineProblem, TokenCounts } from '../../protocol/finetuningForm.ts';
import type { ChatRow } from './chatRow.ts';
import { measuredRows } from './measuredRows.ts';
import { limits, readExamples, readRows } from './readExamples.ts';

/** Tokens of each conversation, or why the chat template refuses it. */
export type CountChats = (chats: TemplateMessage[][]) => Promise<(number | string)[]>;

/** Characters that are sent to the tokenizer at a time. */
const atOnce = 1 << 20;
/** Of the longest rows, those that are told. */
const mostTold = 200;

/** How many tokens the rows of a file have. */
export async function countTokens(file: string, countChats: CountChats, signal: AbortSignal): Promise<TokenCounts> {
  const { lines, characters } = await readExamples(file, signal);
  const { typical, longest } = measuredRows(characters);
  const wanted = new Set([...typical, ...longest].map((at) => lines[at]!));
  const counted = new Map<number, number>();
  const refused: LineProblem[] = [];
  const count = async (rows: readonly { line: number; row: ChatRow }[]) => {
    const counts = await countChats(rows.map(({ row }) => row.messages.map(({ role, text }) => ({ role, content: text }))));
    for (const [at, found] of counts.entries()) {
      const { line } = rows[at]!;
      if (typeof found === 'number') counted.set(line, found);
      else if (refused.length < limits.problems)
        refused.push({ line, text: `the model's chat template refuses it (${found.slice(0, 300)})` });
    }
  };
  let batch: { line: number; row: ChatRow }[] = [];
  let size = 0;
  for await (const each of readRows(file, wanted, signal)) {
    batch.push(each);
    size += each.row.messages.reduce((sum, { text }) => sum + text.length, 0);
    if (size < atOnce) continue;
    await count(batch);
    [batch, size] = [[], 0];
  }
  await count(batch);
  return {
    lengths: typical.flatMap((at) => counted.get(lines[at]!) ?? []),
    isWhole: typical.length === lines.length,
    longest: [...counted]
      .map(([line, tokens]) => ({ line, tokens }))
      .sort((a, b) => b.tokens - a.tokens || a.line - b.line)
      .slice(0, mostTold),
    refused,
  };
}
