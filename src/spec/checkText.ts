import { isScalar, type Node } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { codes, type DiagnosticCode } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn } from './expression.ts';

/** What a command can read: the names of each scope, and which inputs may be absent. */
export interface TextScope {
  inputs: readonly string[];
  outputs: readonly string[];
  /** Inputs that may be left out and have no default. */
  optional: readonly string[];
  /** Undefined where there is no sweep around the command. */
  searchSpace?: readonly string[] | undefined;
  /** Begins the sentence about a name that is not there: `The command reads`. */
  reader?: string;
}

/** Checks the expressions of a command, or of arguments; answers `scope.name` of each that it uses. */
export function checkText(document: SpecDocument, node: Node | null, scope: TextScope): Set<string> {
  const used = new Set<string>();
  const names = { inputs: new Set(scope.inputs), outputs: new Set(scope.outputs), search_space: new Set(scope.searchSpace) };
  let suggestions = 20;
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  if (!text.includes('{') && !text.includes('$[[')) return used;
  const report = (code: DiagnosticCode, message: string, hint?: string) => document.report(node, code, message, hint, codes[code].severity);
  for (const { path } of expressionsIn(text)) {
    const [root = '', ...rest] = path;
    const name = rest.join('.');
    used.add(`${root}.${name}`);
    if (path.join('') === '')
      report('InvalidExpression', 'The expression ${{ }} is empty.', 'Write ${{inputs.NAME}} or ${{outputs.NAME}}.');
    else if (root === 'inputs' || root === 'outputs' || root === 'search_space') {
      const declared = root === 'search_space' ? scope.searchSpace : scope[root];
      // A sweep may stand around the component, in another file.
      if (!declared || names[root].has(name)) continue;
      // What the sweep draws reaches the trial as an input too.
      if (root === 'inputs' && names.search_space.has(name)) continue;
      const close = suggestions-- > 0 ? nearest(name, declared) : undefined;
      // That one is meant, so it is not also unused.
      if (close) used.add(`${root}.${close}`);
      report(
        'InvalidReference',
        `${scope.reader ?? 'The command reads'} \${{${root}.${name}}}, but ${root} has no "${name}".`,
        close ? `Did you mean \${{${root}.${close}}}?` : `Declare "${name}" under "${root}:".`,
      );
    } else {
      const close = root === 'parent' ? undefined : nearest(root, ['inputs', 'outputs', 'search_space']);
      report(
        'InvalidReference',
        `\${{${path.join('.')}}} is not known in a command.`,
        root === 'parent'
          ? 'A command sees its own inputs alone: give it one that is bound to this, and use ${{inputs.NAME}}.'
          : close
            ? `Did you mean "${close}"?`
            : 'Use ${{inputs.NAME}} or ${{outputs.NAME}}.',
      );
    }
  }
  checkBraces(document, node, text);
  const outside = text.replace(/\$\[\[[\s\S]*?\]\]/g, '');
  if (outside === text && scope.optional.length === 0) return used;
  const plain = new Set(expressionsIn(outside).map(({ path }) => path.join('.')));
  for (const name of scope.optional)
    if (plain.has(`inputs.${name}`))
      report(
        'OptionalInput',
        `The input "${name}" is optional, but the command uses it outside of $[[ ]].`,
        `Write $[[… \${{inputs.${name}}}]] around the part that goes away with it.`,
      );
  return used;
}

/** What stands in a command where an expression was meant: an optional part that stays open, single braces. */
function checkBraces(document: SpecDocument, node: Node | null, text: string): void {
  const report = (code: DiagnosticCode, message: string, hint: string) => document.report(node, code, message, hint, codes[code].severity);
  for (let at = text.indexOf('$[['); at >= 0; at = text.indexOf('$[[', at + 3))
    if (text.indexOf(']]', at) < 0) {
      report(
        'InvalidExpression',
        `The optional part that begins with "${text.slice(at, at + 40).split('\n')[0]}" is not closed.`,
        'Close it with "]]".',
      );
      break;
    }
  // The shell takes `${inputs.x}` for a variable, and no variable has a dot in its name.
  for (const match of text.matchAll(/(?<!\\)\$\{\s*((?:inputs|outputs|search_space|parent)\.[\w.-]+)\s*\}(?!\})/g))
    report('InvalidExpression', `"${match[0]}" has single braces, so that nothing is filled in.`, `Write \${{${match[1]}}}.`);
  checkSingleBraces(document, node, text);
}

/** Single braces around what looks like a name. */
export function checkSingleBraces(document: SpecDocument, node: Node | null, text: string): void {
  for (const match of text.matchAll(/(?<![${\\])\{\s*((?:inputs|outputs|search_space|parent)\.[\w.-]+)\s*\}(?!\})/g))
    document.report(node, 'SingleBraces', `"${match[0]}" has single braces.`, `Write \${{${match[1]}}}.`, codes.SingleBraces.severity);
}
