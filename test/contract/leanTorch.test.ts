import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { leanTorch } from '../../scripts/leanTorch.ts';
import { findUv } from '../../scripts/pythonClients.ts';
import { packagesFile } from '../../src/protocol/jobPlaces.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

describe('the lean torch of the tests', () => {
  let plane: TestPlane;
  let folder: string;
  let variables: Record<string, string>;
  before(async function () {
    // The first run on a machine downloads torch.
    this.timeout(600_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-lean-torch-'));
    variables = await leanTorch();
    const uv = await findUv('python3', () => {});
    plane = await startPlane({}, undefined, {
      ...(process.env as Record<string, string>),
      ...variables,
      PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`,
    });
  });
  after(async () => {
    await plane?.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('trains an adapter in an environment that the runner makes, without the libraries of NVIDIA', async function () {
    this.timeout(600_000);
    writeIn(
      folder,
      'conda.yml',
      `dependencies:
  - pip:
    - torch==2.15.0
    - transformers==5.23.0
    - peft==0.21.2
    - accelerate==1.15.0
    - safetensors==0.8.0
    - tokenizers==0.23.3
    - numpy==2.4.6
`,
    );
    writeIn(
      folder,
      'code/train.py',
      `import torch, transformers
from peft import LoraConfig, get_peft_model

torch.manual_seed(0)
model = get_peft_model(torch.nn.Sequential(torch.nn.Linear(4, 4)), LoraConfig(r=2, target_modules=["0"]))
optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], lr=0.1)
inputs = torch.randn(8, 4)
def step():
    loss = model(inputs).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
print("loss fell:", step() > step())
print("GPU:", torch.cuda.is_available())
`,
    );
    const job = 'command: python train.py\ncode: code\nenvironment: {image: python, conda_file: conda.yml}\n';
    const { name } = (await submitJob({ client: plane.client, file: writeIn(folder, 'job.yml', job) })).job;
    const { properties } = await jobWhen(plane.client, name);
    const log = await logOf(plane.client, name);
    assert.equal(properties.status, 'Completed', log);
    assert.match(log, /^loss fell: True$/m);
    if (Object.keys(variables).length === 0) return;
    assert.match(log, /^GPU: False$/m);
    const packages = await (await plane.client.readArtifact(name, packagesFile)).text();
    assert.deepEqual(packages.match(/^(?:nvidia|triton|cuda).*(?===)/gm)?.sort(), ['cuda-toolkit', 'nvidia-cuda-runtime']);
  });
});
