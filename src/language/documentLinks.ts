import type { Range } from 'vscode-languageserver-types';
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Block } from '../spec/blocks.ts';
import { type Field, follow } from '../spec/field.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { childOf, concrete } from './fields.ts';
import { rangeOf } from './positions.ts';
import type { Context } from './workspace.ts';

interface Link {
  start: number;
  end: number;
  text: string;
}

/** Paths in the file that lead to a file or folder, by what the schema says of their keys. Unchanged blocks are not read again. */
export function documentLinks({ ours, workspace }: Context): { range: Range; file: string; isFolder: boolean }[] {
  const { document, field } = ours;
  if (!field) return [];
  return document.blocks.flatMap((block) => {
    block.kept ??= new Map();
    let links = block.kept.get('links') as Link[] | undefined;
    if (!links) {
      links = linksOf(ours, field, block);
      block.kept.set('links', links);
    }
    return links.flatMap(({ start, end, text }) => {
      const file = beside(document.file, text);
      const kind = workspace.files.kind(file);
      return kind ? [{ range: rangeOf(document, start + block.start, end + block.start), file, isFolder: kind === 'folder' }] : [];
    });
  });
}

function linksOf({ document }: Context['ours'], root: Field, block: Block): Link[] {
  const links: Link[] = [];
  const visit = (node: unknown, fields: Field[]): void => {
    // What an alias stands for is linked where it is written.
    const target = isAlias(node) ? null : (node as Node | null);
    const chosen = fields.flatMap((each) => concrete(each, target, document));
    if (chosen.length === 0) return;
    if (isMap(target))
      for (const { key, value } of target.items as Pair[])
        visit(
          value,
          chosen.flatMap((each) => childOf(each, isScalar(key) ? String(key.value) : '') ?? []),
        );
    else if (isSeq(target))
      for (const item of target.items)
        visit(
          item,
          chosen.flatMap((each) => (each.items ? [each.items] : [])),
        );
    else if (
      isScalar(target) &&
      typeof target.value === 'string' &&
      target.range &&
      chosen.some((each) => follow(each).pathKind) &&
      isLocalPath(target.value)
    ) {
      const quoted = /^["']/.test(document.text[target.range[0]] ?? '') ? 1 : 0;
      links.push({ start: target.range[0] + quoted - block.start, end: target.range[1] - quoted - block.start, text: target.value });
    }
  };
  if (block.kind === 'whole') visit(document.root, [root]);
  else if (block.key !== undefined && block.kind !== 'head' && block.kind !== 'container') {
    const parent = block.kind === 'step' ? ['jobs'] : [];
    const pair = document.pair(parent, block.key);
    const above =
      block.kind === 'step'
        ? concrete(root, document.root, document)
            .flatMap((each) => childOf(each, 'jobs') ?? [])
            .flatMap((each) => concrete(each, null, document))
        : concrete(root, document.root, document);
    if (pair)
      visit(
        pair.value,
        above.flatMap((each) => childOf(each, block.key!) ?? []),
      );
  }
  return links;
}
