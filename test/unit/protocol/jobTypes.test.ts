import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { JobProperties } from '../../../src/protocol/job.ts';
import { hasChildren, jobTypeOf, jobTypes, refusalOf, typesThatRun } from '../../../src/protocol/jobTypes.ts';
import { follow } from '../../../src/spec/field.ts';
import { isRunnableJob, typesOf } from '../../../src/spec/kind.ts';
import { kindFacts, kindNames, refusalOfKind } from '../../../src/spec/kinds/all.ts';
import { step } from '../../../src/spec/kinds/pipeline.ts';
import { flatten } from '../../../src/spec/variant.ts';

describe('the table of job types', () => {
  const rows = Object.entries(jobTypes);

  it('has a row for every kind of job and component, which says its title and whether it runs', () => {
    for (const kind of kindNames) {
      const { family, type, title, here } = kindFacts[kind];
      if (family !== 'job' && family !== 'component') {
        assert.equal(type, undefined, kind);
        continue;
      }
      const row = jobTypes[type!];
      assert.ok(row, `${kind} has the type ${type}, which has no row`);
      assert.equal(title, `${row.called} ${family}`);
      assert.equal(here, row.runsHere === true ? 'runs' : 'later', kind);
      assert.deepEqual(refusalOfKind(kind), refusalOf(row, family), kind);
      assert.equal(typesOf[family][type!], kind);
      assert.equal(isRunnableJob(kind), family === 'job' && row.runsHere === true, kind);
    }
  });

  it('has a row for every type that a step can have, and no other is marked as a step', () => {
    const types = flatten(follow(step)).map((variant) => String(follow(variant.properties!.type!).const));
    assert.deepEqual([...new Set(types)].sort(), rows.flatMap(([type, { isStep }]) => (isStep ? [type] : [])).sort());
  });

  it('gives every type that runs what running it needs, and every other a reason', () => {
    for (const [type, { runsHere, schema, jobType, runType, sentAs }] of rows) {
      if (sentAs) assert.ok(runsHere === true && jobTypes[sentAs]?.schema && !schema, type);
      else if (runsHere === true) assert.ok(schema && jobType && runType, type);
      else assert.match(runsHere, /^[A-Z].*\.$/, type);
    }
    const union = (JobProperties as unknown as { anyOf: unknown[] }).anyOf;
    assert.deepEqual(new Set(rows.flatMap(([, { schema }]) => (schema ? [schema] : []))), new Set(union));
    assert.equal(typesThatRun('and'), 'command, pipeline, sweep and finetuning');
  });

  it('finds a row by the word that Azure has for it', () => {
    for (const [, row] of rows) if (row.jobType) assert.equal(jobTypeOf(row.jobType), row);
    for (const word of ['Dance', 'constructor', '__proto__', undefined, null, 1]) assert.equal(jobTypeOf(word), undefined);
    assert.deepEqual(
      ['Command', 'Pipeline', 'Sweep'].map((jobType) => hasChildren({ properties: { jobType } as never })),
      [false, true, true],
    );
  });
});
