import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { loadSpec } from '../../src/spec/load.ts';
import { restOf } from '../../src/spec/rest.ts';
import { corpus, type Verdict } from './corpus.ts';

/**
 * Fields that can't be equal: ids of what is uploaded or made up (the recording has the Python objects in their place), hashes, made-up names,
 * the experiment of a file that names none, and what the service fills in by itself.
 */
const notCompared = /\/(?:codeId|environmentId|componentId|client_component_hash|isArchived|isAnonymous)$|environment\/version$|^\/properties\/(?:displayName|experimentName)$/;

/** Files of each kind whose body is equal field by field, of how many. The others are explained in docs/checks.md. */
const expected = {
  Command: [41, 41],
  PipelineJob: [107, 122],
  CommandComponent: [108, 110],
  Data: [20, 20],
  Environment: [16, 16],
};

describe('The JSON of azureml-examples', () => {
  it('is what Azure’s client sends', () => {
    const files = corpus.files();
    const counts: Record<string, [number, number]> = {};
    for (const verdict of corpus.verdicts().values()) {
      const { entity = '' } = verdict;
      if (!verdict.rest || !(entity in expected)) continue;
      counts[entity] ??= [0, 0];
      counts[entity][1]++;
      const { spec } = loadSpec(`/r/${verdict.path}`, files);
      assert.ok(spec, verdict.path);
      if (differences(verdict, restOf(spec, files)).length === 0) counts[entity][0]++;
      else if (process.env.UPDATE_GOLDEN) console.log(entity, verdict.path, differences(verdict, restOf(spec, files)).slice(0, 3));
    }
    assert.deepEqual(counts, expected);
  });
});

function differences({ rest }: Verdict, ours: unknown): string[] {
  const [theirs, mine] = [leaves(rest), leaves(ours)];
  return [...new Set([...theirs.keys(), ...mine.keys()])].filter((key) => !notCompared.test(key) && theirs.get(key) !== mine.get(key));
}

/** Every leaf by its path; empty maps and lists are nothing, conda files count by what they say, paths of the checkout are alike. */
function leaves(value: unknown, at = '', found = new Map<string, unknown>()): Map<string, unknown> {
  if (at.endsWith('/condaFile') && typeof value === 'string') return leaves(parse(value), at, found);
  if (typeof value === 'object' && value !== null) for (const [key, each] of Object.entries(value)) leaves(each, `${at}/${key}`, found);
  else if (value !== null && value !== undefined) found.set(at, typeof value === 'string' ? value.replace('${ROOT}/', '/r/').replace(/\/$/, '') : value);
  return found;
}
