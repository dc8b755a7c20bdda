import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PipelineNode } from '../../src/protocol/job.ts';
import { pipelineGraph } from '../../webview/job/graph/pipelineGraph.ts';
import { collisions } from '../unit/webview/graphGeometry.ts';
import { corpus } from './corpus.ts';

describe('the graphs of real pipelines', () => {
  it('have no arrow through a box and no label over one', () => {
    let count = 0;
    for (const { path, rest } of corpus.verdicts().values()) {
      const properties = rest?.properties as { jobs?: Record<string, PipelineNode>; inputs?: object; outputs?: object } | undefined;
      if (!properties?.jobs) continue;
      const names = (of: object | undefined) => Object.keys(of ?? {});
      const shape = { jobs: properties.jobs, inputs: names(properties.inputs), outputs: names(properties.outputs) };
      const graph = pipelineGraph(shape, new Map(), new Map());
      for (const direction of ['down', 'right'] as const) assert.deepEqual(collisions(graph, direction), [], `${path}, ${direction}`);
      count++;
    }
    assert.ok(count > 50, `only ${count} pipelines were found`);
  });
});
