import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { UserError } from '../../src/base/userError.ts';
import { jobTypes } from '../../src/protocol/jobTypes.ts';
import { loadSpec } from '../../src/spec/load.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** What the editor says of the text, in a file on which somebody wants to run. */
function saidByEditor(text: string): string[] {
  const { diagnostics } = loadSpec('/w/main.yml', { readText: () => text, kind: () => undefined }, { mustBeOurs: true, mustRunHere: true });
  return diagnostics.filter(({ code }) => code === 'UnsupportedKind').map(({ message, hint }) => `${message}\n${hint}`);
}

describe('a type of job that does not run here', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startPlane({ withRunner: false });
  });
  after(() => plane.remove());

  async function saidByPlane(properties: unknown): Promise<string> {
    try {
      await plane.client.putJob('refused', properties as never);
    } catch (error) {
      assert.ok(error instanceof UserError && error.code === 'UnsupportedKind', String(error));
      return `${error.message}\n${error.hint}`;
    }
    assert.fail('The plane took it.');
  }

  for (const [type, { runsHere, jobType, isStep }] of Object.entries(jobTypes)) {
    if (runsHere === true) continue;
    if (jobType && type !== 'labeling')
      it(`is refused by the plane in the editor's words: a job of the type ${type}`, async () => {
        assert.deepEqual([await saidByPlane({ jobType })], saidByEditor(`type: ${type}\n`));
      });
    if (isStep)
      it(`is refused by the plane in the editor's words: a step of the type ${type}`, async () => {
        const said = await saidByPlane({ jobType: 'Pipeline', jobs: { prepare: { type } } });
        assert.deepEqual([said], saidByEditor(`type: pipeline\njobs:\n  prepare: {type: ${type}}\n`));
      });
  }

  it('says of a fine-tuning job that its YAML becomes a pipeline', async () => {
    assert.equal(
      await saidByPlane({ jobType: 'FineTuning' }),
      'A fine-tuning job runs here as the pipeline that its YAML becomes.\nSubmit its YAML in VS Code or with `updraft job create`, which make that of it.',
    );
    assert.deepEqual(saidByEditor('type: finetuning\nmodel_provider: azure_open_ai\n'), [
      'The fine-tuning of a model of Azure OpenAI does not run on this machine.\nIts weights are in Azure alone. Take "model_provider: custom" with a GGUF file here.',
    ]);
  });

  it('is told from a word that is no type at all', async () => {
    assert.match(await saidByPlane({ jobType: 'Pipeline', jobs: { prepare: { type: 'dance' } } }), /"dance", which is no type of a step/);
    assert.match(await saidByPlane({ jobType: 'Pipeline', jobs: { prepare: { type: 'constructor' } } }), /"constructor", which is no type/);
  });
});
