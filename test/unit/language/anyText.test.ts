import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { quickFixes } from '../../../src/language/actions/quickFixes.ts';
import { refactorings } from '../../../src/language/actions/refactorings.ts';
import { stepAt } from '../../../src/language/callHierarchy.ts';
import { codeLenses } from '../../../src/language/codeLenses.ts';
import { complete } from '../../../src/language/completion/complete.ts';
import { documentLinks } from '../../../src/language/documentLinks.ts';
import { folding } from '../../../src/language/folding.ts';
import { documentGraph } from '../../../src/language/graph/documentGraph.ts';
import { nodeAt, placeOfNode } from '../../../src/language/graph/places.ts';
import { hover } from '../../../src/language/hover.ts';
import { inlayHints } from '../../../src/language/inlayHints.ts';
import { localDisk } from '../../../src/language/localDisk.ts';
import { definition, references } from '../../../src/language/navigation.ts';
import { outline } from '../../../src/language/outline.ts';
import { renameRange } from '../../../src/language/rename.ts';
import { selection } from '../../../src/language/selection.ts';
import { semanticTokens } from '../../../src/language/semanticTokens.ts';
import { noNames } from '../../../src/language/workspace.ts';
import { WorkspaceIndex } from '../../../src/language/workspaceIndex.ts';
import { SpecDocument } from '../../../src/spec/document.ts';

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpora/azureml-examples/files');
const files = globSync('**/*.{yml,yaml}', { cwd: corpus }).sort();
const pieces = [
  '\n',
  '  ',
  ': ',
  '- ',
  '#',
  '"',
  "'",
  '{',
  '}',
  '[',
  '|\n',
  '\t',
  '&a ',
  '*a',
  '<<: *a\n',
  '${{',
  '}}',
  '$[[',
  'parent.jobs.',
  '\u0000',
  '\ud800',
];

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('every feature, on any text', () => {
  it('answers in real files that were damaged, at any place', async () => {
    const next = numbers(11);
    const index = new WorkspaceIndex(localDisk);
    let answers = 0;
    for (let round = 0; round < 150; round++) {
      const file = path.join(corpus, files[next(files.length)]!);
      const document = new SpecDocument(file, readFileSync(file, 'utf8'));
      index.openDocument(document);
      for (let edit = 0; edit < 4; edit++) {
        const ours = index.open(file);
        const diagnostics = index.check(file);
        if (ours) {
          const context = { ours, workspace: index, names: noNames };
          for (let place = 0; place < 4; place++) {
            const offset = next(document.text.length + 1);
            const found = [
              await complete(context, offset),
              await hover(context, offset),
              definition(context, offset),
              references(context, offset, true),
              renameRange(context, offset),
              stepAt(context, offset),
              await refactorings(context, offset),
              selection(document, offset),
            ];
            answers += found.filter((each) => each !== undefined && (!Array.isArray(each) || each.length > 0)).length;
          }
          for (const diagnostic of diagnostics.slice(0, 10)) quickFixes(context, diagnostic);
          const drawn = documentGraph(ours, index, diagnostics, new Set(['train', 'pipeline']));
          for (const { id } of drawn?.graph.nodes ?? []) placeOfNode(drawn!, index, id);
          if (drawn) nodeAt(drawn, document, next(document.text.length + 1));
          documentLinks(context);
          codeLenses(context);
          outline(document);
          folding(document);
          semanticTokens(document);
          await inlayHints(context, 0, document.text.length);
        }
        const at = next(document.text.length + 1);
        document.edit(at, Math.min(document.text.length, at + next(20)), pieces[next(pieces.length)]!);
        index.edited(file);
      }
      index.closeDocument(file);
    }
    assert.ok(answers > 1000, `${answers} answers`);
  });
});
