import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen } from '../contract/onlineDeployments.ts';
import type { TestPlane } from '../contract/plane.ts';
import { writeIn } from '../contract/writeIn.ts';

const script = [
  'import json',
  'def init(): pass',
  'def run(raw):',
  '    got = json.loads(raw)',
  "    if isinstance(got, dict) and got.get('fail'): raise ValueError('<b>no good</b>')",
  "    return {'got': got}",
].join('\n');

/** An endpoint `scores` with the deployment `blue`, which answers with what it got, and gets no traffic. */
export async function startEndpoint({ client }: TestPlane): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-endpoint-'));
  const write = (name: string, text: string) => writeIn(folder, name, text);
  await createResource(client, 'onlineEndpoint', { file: write('endpoint.yml', 'name: scores\nauth_mode: key\n') });
  write('blue/score.py', script);
  await createResource(client, 'onlineDeployment', {
    file: write(
      'blue.yml',
      'name: blue\nendpoint_name: scores\ncode_configuration: {code: ./blue, scoring_script: score.py}\nenvironment: {image: python}\ninstance_type: Standard_DS3_v2\n',
    ),
  });
  assert.equal((await deploymentWhen(client, 'scores', 'blue')).properties.provisioningState, 'Succeeded');
  rmSync(folder, { recursive: true, force: true });
}
