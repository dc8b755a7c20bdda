import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';

const { contributes, extensionDependencies } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'));

/** What the extension claims in VS Code, beside others that serve YAML. */
describe('the language mode', () => {
  it('is our own and takes no file from YAML by itself', () => {
    const mode = contributes.languages.find(({ id }: { id: string }) => id === 'azure-ml-yaml');
    assert.ok(mode.aliases.length && mode.configuration);
    for (const claim of ['extensions', 'filenamePatterns', 'firstLine', 'mimetypes']) assert.equal(mode[claim], undefined, claim);
    // Prompt flow's own name; nobody else's file has it.
    assert.deepEqual(mode.filenames, ['flow.dag.yaml', 'flow.dag.yml']);
    assert.ok(!contributes.languages.some(({ id }: { id: string }) => id === 'yaml'));
  });
  it('has an icon of its own, because that of YAML goes with the mode', () => {
    const { icon } = contributes.languages.find(({ id }: { id: string }) => id === 'azure-ml-yaml');
    for (const file of [icon.light, icon.dark])
      assert.match(readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8'), /^<svg /);
  });
  it('adds nothing to YAML that another extension has too', () => {
    for (const key of ['yamlValidation', 'jsonValidation', 'snippets']) assert.equal(contributes[key], undefined, key);
    for (const { language, injectTo = [] } of contributes.grammars) {
      assert.notEqual(language, 'yaml');
      assert.ok(!injectTo.includes('source.yaml'), 'expressions are coloured in our mode alone');
    }
    assert.equal(extensionDependencies, undefined);
  });
});

describe('the menus of a log', () => {
  it('offer the reason of a failure only where the job failed', () => {
    for (const menu of ['editor/title', 'editor/context']) {
      const found = contributes.menus[menu].filter(({ command }: { command: string }) => command === 'updraft.job.revealError');
      assert.equal(found.length, 1);
      assert.match(found[0].when, /updraft\.isFailedLog/);
    }
  });
});
