/** Writes what `src/tools/` declares into `package.json`, where VS Code reads it before the extension is loaded. A test says when that is to be done. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toolEntry } from '../src/extension/tools/toolEntry.ts';
import { allTools } from '../src/tools/allTools.ts';

const file = path.resolve(import.meta.dirname, '../package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
manifest.contributes.languageModelTools = allTools.map(toolEntry);
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
