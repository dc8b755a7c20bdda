import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseRunFilter, parseRunOrder } from '../../../src/server/routes/mlflow/runFilter.ts';

const refused = (filter: string, message: RegExp) => assert.throws(() => parseRunFilter(filter), { code: 'InvalidRequest', message });

describe("MLflow's filter over runs", () => {
  it('reads every kind of comparison', () => {
    assert.deepEqual(
      parseRunFilter(
        `metrics.loss < 1e-3 and params."learning rate" = '0.1' AND tag.\`mlflow.user\` ILIKE "A%" AND status != 'FAILED'
         and attributes.run_id IN ('a', "b") AND run.created >= -5 AND params.x IS NULL and tags.y is not null AND dataset.name NOT IN ('d',)`,
      ),
      [
        { of: 'metric', key: 'loss', operator: '<', value: 0.001 },
        { of: 'param', key: 'learning rate', operator: '=', value: '0.1' },
        { of: 'tag', key: 'mlflow.user', operator: 'ILIKE', value: 'A%' },
        { of: 'attribute', key: 'status', operator: '!=', value: 'FAILED' },
        { of: 'attribute', key: 'run_id', operator: 'IN', value: ['a', 'b'] },
        { of: 'attribute', key: 'start_time', operator: '>=', value: -5 },
        { of: 'param', key: 'x', operator: 'IS NULL' },
        { of: 'tag', key: 'y', operator: 'IS NOT NULL' },
        { of: 'dataset', key: 'name', operator: 'NOT IN', value: ['d'] },
      ],
    );
    assert.deepEqual(parseRunFilter('   '), []);
    assert.deepEqual(parseRunFilter("params.`a.b` = 'and or'"), [{ of: 'param', key: 'a.b', operator: '=', value: 'and or' }]);
    assert.deepEqual(parseRunFilter(`attr."Run name" LIKE 'x'`), [{ of: 'attribute', key: 'run_name', operator: 'LIKE', value: 'x' }]);
  });

  it("refuses what is none, in MLflow's words", () => {
    refused('metrics.a > 1 OR metrics.b > 2', /^Invalid clause\(s\) in filter string: 'OR metrics\.b > 2'$/);
    refused('m.acc >= 0.94', /^Invalid entity type 'm'\. Valid values are \['metric', 'parameter', 'tag', 'attribute', 'dataset'\]$/);
    refused("acc = 'x'", /^Invalid attribute key 'acc' specified\. Valid keys are/);
    refused("metrics.acc > '1'", /^Expected numeric value type for metric\. Found '1'$/);
    refused("start_time > 'now'", /^Expected numeric value type for numeric attribute: start_time\. Found 'now'$/);
    refused('params.acc = 1', /^Expected a quoted string value for parameter \(e\.g\. 'my-value'\)\. Got value 1$/);
    refused('params.acc = LR', /^Parameter value is either not quoted or unidentified quote types used for string value LR\./);
    refused("metrics.acc LIKE 'x'", /Expected numeric value type/);
    refused("params.acc > 'x'", /^Invalid comparator '>' not one of/);
    refused("tags.a IN ('x')", /^Expected a quoted string value for tag/);
    refused("status IN ('x')", /^Only \['run_id'\] attributes support comparison with a list of quoted string values\.$/);
    refused('run_id IN (1, 2)', /got different type in list/);
    refused('run_id IN ()', /ill-formed list/);
    refused('metrics.a IS NULL', /^IS NULL \/ IS NOT NULL is only supported for tags and params, not for 'metric' 'a'$/);
    refused('metrics.a > 1; metrics.b > 2', /^Search filter contained multiple expression/);
    refused('metrics.acc >', /^Invalid clause/);
    refused("params.'lr", /^Invalid/);
  });

  it('reads and refuses orders', () => {
    assert.deepEqual(parseRunOrder(['metrics.`val loss` DESC', 'start_time', 'tag.x asc']), [
      { of: 'metric', key: 'val loss', descending: true },
      { of: 'attribute', key: 'start_time', descending: false },
      { of: 'tag', key: 'x', descending: false },
    ]);
    assert.throws(() => parseRunOrder(['metrics.a', 'metric.a DESC']), /contains duplicate fields/);
    assert.throws(() => parseRunOrder(['metrics.a UP']), /Invalid ordering key/);
    assert.throws(() => parseRunOrder(['a b c']), /Could not be parsed/);
  });
});
