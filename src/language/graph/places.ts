import type { Node } from 'yaml';
import type { SpecDocument } from '../../spec/document.ts';
import type { FilePlace } from '../navigation.ts';
import { placeAt } from '../place.ts';
import { rangeOf } from '../positions.ts';
import type { Workspace } from '../workspace.ts';
import type { DrawnGraph } from './documentGraph.ts';

/** Where a node's key is written now, also while the rest of the file can't be read. Undefined for a node that is named only. */
export function placeOfNode({ origins }: DrawnGraph, workspace: Workspace, node: string): FilePlace | undefined {
  const origin = origins.get(node);
  const document = origin && workspace.open(origin.file)?.document;
  const range = (document?.pair(origin!.path.slice(0, -1), origin!.path.at(-1)!)?.key as Node | undefined)?.range;
  return range ? { file: origin!.file, range: rangeOf(document!, range[0], range[1]) } : undefined;
}

/** The innermost node that an offset of a document belongs to; in the file of a step's component, that step. */
export function nodeAt({ origins }: DrawnGraph, document: SpecDocument, offset: number): string | undefined {
  const path = pathAt(document, offset);
  let found: { id: string; depth: number } | undefined;
  for (const [id, { file, path: own, component }] of origins) {
    if (file === document.file && own.length > (found?.depth ?? 0) && own.every((key, index) => path[index] === key))
      found = { id, depth: own.length };
    else if (!found && component === document.file) found = { id, depth: 0 };
  }
  return found?.id;
}

/** The keys around an offset; of half-typed lines, those of the block that they are in. */
function pathAt(document: SpecDocument, offset: number): string[] {
  const place = placeAt(document, offset);
  if (place) return place.path.map(String);
  const block = document.blockAt(offset);
  if (block?.key === undefined) return [];
  return block.kind === 'step' ? ['jobs', block.key] : [block.key];
}
