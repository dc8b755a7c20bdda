import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Block } from '../spec/blocks.ts';
import type { SpecDocument } from '../spec/document.ts';
import { textOf } from './occurrences.ts';

export const tokenTypes = ['function', 'parameter', 'property', 'variable', 'namespace', 'enumMember', 'string', 'operator'] as const;
export const tokenModifiers = ['declaration', 'readonly'] as const;
type TokenType = (typeof tokenTypes)[number];

interface Token {
  start: number;
  length: number;
  type: TokenType;
  modifiers: number;
}

const declaration = 1;

/**
 * Colours by meaning, in LSP's encoding: steps, inputs and outputs where they are declared, the parts of expressions, references to assets.
 * Tokens of an unchanged block are kept; `start` and `end` limit the answer to a part of the text.
 */
export function semanticTokens(document: SpecDocument, start = 0, end = document.text.length): number[] {
  const data: number[] = [];
  let lastLine = 0;
  let lastColumn = 0;
  for (const block of document.blocks) {
    if (block.start > end || block.start + block.text.length < start) continue;
    block.kept ??= new Map();
    let tokens = block.kept.get('tokens') as Token[] | undefined;
    if (!tokens) {
      tokens = tokensOf(document, block).sort((a, b) => a.start - b.start);
      block.kept.set('tokens', tokens);
    }
    for (const token of tokens) {
      const at = token.start + block.start;
      const line = document.lineAt(at);
      const column = at - document.lineStart(line);
      data.push(
        line - lastLine,
        line === lastLine ? column - lastColumn : column,
        token.length,
        tokenTypes.indexOf(token.type),
        token.modifiers,
      );
      lastLine = line;
      lastColumn = column;
    }
  }
  return data;
}

function tokensOf(document: SpecDocument, block: Block): Token[] {
  const tokens: Token[] = [];
  const add = (start: number, length: number, type: TokenType, modifiers = 0) => {
    if (length > 0) tokens.push({ start: start - block.start, length, type, modifiers });
  };
  const visit = (node: unknown, path: string[]): void => {
    if (isMap(node))
      for (const { key, value } of node.items as Pair[]) {
        const name = textOf(key);
        const range = (key as Node | null)?.range;
        const parent = path.at(-1);
        const type: TokenType | undefined =
          parent === 'jobs' ? 'function' : parent === 'inputs' ? 'parameter' : parent === 'outputs' ? 'variable' : undefined;
        if (range && type && !document.text.slice(range[0], range[1]).includes('\n')) add(range[0], range[1] - range[0], type, declaration);
        visit(value, [...path, name]);
      }
    else if (isSeq(node)) for (const item of node.items) visit(item, path);
    else if (isScalar(node) && !isAlias(node) && typeof node.value === 'string' && node.range)
      scalar(document.text.slice(node.range[0], node.range[1]), node.range[0], path.at(-1) ?? '');
  };
  const scalar = (text: string, at: number, key: string): void => {
    if (text.includes('${{'))
      for (const match of text.matchAll(/\$\{\{[^\S\n]*([^{}\n]*?)[^\S\n]*\}\}/g)) {
        add(at + match.index, 3, 'operator');
        let from = at + match.index + match[0].indexOf(match[1]!, 3);
        const parts = match[1]!.split('.');
        for (const [index, part] of parts.entries()) {
          const before = parts[index - 1];
          const type: TokenType =
            before === 'jobs' ? 'function' : before === 'inputs' ? 'parameter' : before === 'outputs' ? 'variable' : 'namespace';
          add(from, part.length, type);
          from += part.length + 1;
        }
        add(at + match.index + match[0].length - 2, 2, 'operator');
      }
    if (text.includes('$[[')) for (const match of text.matchAll(/\$\[\[|\]\]/g)) add(at + match.index, match[0].length, 'operator');
    const asset = /^(["']?)(azureml:)(?!\/)([^:@\s"']+)([:@])?([^\s"']*)/.exec(text);
    if (asset && key !== 'description') {
      const from = at + asset[1]!.length;
      add(from, asset[2]!.length, 'namespace');
      add(from + asset[2]!.length, asset[3]!.length, 'property');
      if (asset[4] && asset[5]) add(from + asset[2]!.length + asset[3]!.length + 1, asset[5].length, 'enumMember', 2);
    }
  };
  if (block.kind === 'whole') visit(document.root, []);
  else if (block.key !== undefined && block.kind !== 'head' && block.kind !== 'container') {
    const parent = block.kind === 'step' ? ['jobs'] : [];
    const pair = document.pair(parent, block.key);
    const range = (pair?.key as Node | undefined)?.range;
    if (pair && range && range[0] >= block.start && range[1] <= block.start + block.text.length) {
      if (block.kind === 'step') add(range[0], range[1] - range[0], 'function', declaration);
      visit(pair.value, [...parent, block.key]);
    }
  }
  return tokens;
}
