import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { assetShape, containerShape } from '../../../src/cli/shapes/assetShape.ts';
import { jobShape } from '../../../src/cli/shapes/jobShape.ts';
import type { ArmResource, Fields } from '../../../src/cli/shapes/parts.ts';
import {
  batchDeploymentShape,
  computeShape,
  datastoreShape,
  endpointShape,
  onlineDeploymentShape,
  scheduleShape,
  workspaceShape,
} from '../../../src/cli/shapes/resourceShapes.ts';

/** What a resource is in ARM, and what Azure's own client makes of it for `az ml`: recorded with azure-ai-ml 1.35.2. */
interface Recorded {
  shape: string;
  arm: ArmResource;
  az: Fields;
}
const file = path.resolve(import.meta.dirname, '../../fixtures/az-output/resources.json');
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[];

const shapes: Record<string, (arm: ArmResource) => Fields> = {
  job: jobShape,
  data: (arm) => assetShape('data', arm),
  environment: (arm) => assetShape('environments', arm),
  model: (arm) => assetShape('models', arm),
  component: (arm) => assetShape('components', arm),
  dataList: (arm) => containerShape('data', arm),
  componentList: (arm) => containerShape('components', arm),
  compute: computeShape,
  datastore: datastoreShape,
  workspace: workspaceShape,
  schedule: scheduleShape,
  onlineEndpoint: endpointShape,
  onlineDeployment: onlineDeploymentShape,
  batchEndpoint: endpointShape,
  batchDeployment: batchDeploymentShape,
};

describe('what "ml" commands print', () => {
  for (const { shape, arm, az } of recorded) {
    const make = shapes[shape];
    // The lists of these two have columns of their own, which the command line's tests look at.
    if (!make) continue;
    it(`${shape} ${arm.name}, as Azure's client has it`, () => {
      const ours = make(arm);
      // Why it failed is ours; the storage's host is the cloud's, which the client knows.
      if (shape === 'job') delete ours.error;
      if (shape === 'datastore') ours.endpoint = az.endpoint;
      assert.deepEqual(ours, az);
    });
  }
});
