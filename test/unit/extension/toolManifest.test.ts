import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { toolEntry } from '../../../src/extension/tools/toolEntry.ts';
import { allTools } from '../../../src/tools/allTools.ts';

const manifest = path.resolve(import.meta.dirname, '../../../package.json');

describe("the tools for VS Code's agents", () => {
  it('are those that agents have elsewhere: package.json says of them what the code does', () => {
    const { languageModelTools } = JSON.parse(readFileSync(manifest, 'utf8')).contributes;
    assert.deepEqual(languageModelTools, allTools.map(toolEntry), 'Run "node scripts/toolManifest.ts".');
  });
});
