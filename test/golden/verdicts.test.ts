import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'mocha';
import type { Diagnostic } from '../../src/spec/diagnostic.ts';
import { loadSpec } from '../../src/spec/load.ts';
import { corpus } from './corpus.ts';

const golden = path.join(import.meta.dirname, 'verdicts.json');

/** Files that Azure's client loads although something in them can't work, and what it is. */
const trueDefects: Record<string, string> = {
  'cli/jobs/pipelines-with-components/pipeline_with_pipeline_component/nyc_taxi_data_regression_with_pipeline_component/pipeline.yml':
    'The step "data_pipeline" gives the input "test_split_ratio", which its component does not have.',
};

/** The client wants a name that `az ml … create --name` may give: a warning here. */
const namedOnCommandLine = ['cli/foundation-models/system/finetune/text-to-image/deploy.yaml'];

/** Line (from 1) at which the client's own message, or the key that it names, stands in the file. */
const placeOf = (error: string): number | undefined => {
  const line = /#line (\d+)|line (\d+), column/.exec(error);
  return line ? Number(line[1] ?? line[2]) : undefined;
};

describe('The real files of azureml-examples', () => {
  const verdicts = corpus.verdicts();
  const found = new Map<string, { kind: string | undefined; diagnostics: Diagnostic[] }>();
  before(() => {
    const files = corpus.files();
    for (const file of corpus.paths()) {
      const { spec, diagnostics } = loadSpec(`/r/${file}`, files);
      found.set(file, { kind: spec?.kind, diagnostics });
    }
  });
  const errorsOf = (file: string) => found.get(file)!.diagnostics.filter((each) => each.severity === 'error');
  const ofOutcome = (outcome: string) => [...verdicts.values()].filter((verdict) => verdict.outcome === outcome);

  it('has no error in any of the 522 that the client loads, but true defects', () => {
    const loaded = ofOutcome('loaded');
    assert.equal(loaded.length, 522);
    const wrong = loaded.filter(({ path: file }) => errorsOf(file).length > 0).map(({ path: file }) => file);
    assert.deepEqual(wrong, Object.keys(trueDefects));
  });

  it('recognises each of the 522', () => {
    for (const { path: file } of ofOutcome('loaded')) assert.ok(found.get(file)!.kind, file);
  });

  it('finds an error in each of the 41 that the client rejects, where the client sees it', () => {
    const rejected = ofOutcome('rejected');
    assert.equal(rejected.length, 41);
    for (const { path: file, error = '' } of rejected) {
      if (namedOnCommandLine.includes(file)) continue;
      const lines = errorsOf(file).map((each) => each.range.start.line);
      assert.ok(lines.length > 0, `${file}: ${error}`);
      const line = placeOf(error);
      // The client points at a key's line or at the line after it.
      if (line !== undefined) assert.ok(lines.some((each) => Math.abs(each - line) <= 1), `${file}: client ${line}, ours ${lines}`);
    }
  });

  it('says what it said before (UPDATE_GOLDEN=1 writes it anew)', () => {
    const seen = Object.fromEntries(
      [...found].map(([file, { kind, diagnostics }]) => [
        file,
        [
          kind ?? '-',
          ...diagnostics
            .filter((each) => each.severity !== 'information')
            .map(
              ({ file: at, range, code, severity }) =>
                `${at === `/r/${file}` ? '' : `${at.slice(3)} `}${range.start.line}:${range.start.column} ${severity === 'error' ? '!' : ''}${code}`,
            ),
        ].join(' | '),
      ]),
    );
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, `${JSON.stringify(seen, null, 0).replace(/","/g, '",\n"')}\n`);
    assert.deepEqual(seen, JSON.parse(readFileSync(golden, 'utf8')));
  });
});
