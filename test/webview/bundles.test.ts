import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';

const folder = path.resolve(import.meta.dirname, '../../dist/webview');

/** The script of a page and those that it imports before it runs. What it loads later is not among them. */
function scriptsOf(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const add = (file: string) => {
    if (found.has(file)) return;
    const text = readFileSync(path.join(folder, file), 'utf8');
    found.set(file, text);
    for (const [, name] of text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([\w-]+\.js)"/g)) add(name!);
  };
  add(entry);
  return found;
}

describe('the scripts of a page', () => {
  for (const page of ['job', 'selectedJob', 'runs', 'graph', 'playground', 'models', 'finetuning', 'endpoint'])
    it(`of ${page} have at most 350 kB before it is shown`, () => {
      const scripts = scriptsOf(`${page}.js`);
      const bytes = [...scripts.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      assert.ok(bytes > 100_000, `only ${bytes} bytes were found`);
      assert.ok(bytes <= 350_000, `${bytes} bytes: ${[...scripts].map(([file, text]) => `${file} ${text.length}`).join(', ')}`);
    });

  it('of the graph carry nothing of the other pages', () => {
    const text = [...scriptsOf('graph.js').values()].join('\n');
    assert.ok(text.includes('This pipeline has no steps yet.') && !text.includes('plot-layer') && !text.includes('registered-models'));
  });
});
