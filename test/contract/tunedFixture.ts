import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { tunedModels } from '../../src/client/tunedModels.ts';
import { sha256Of } from '../../src/files/hash.ts';
import type { AdapterFacts } from '../../src/protocol/adapterFacts.ts';
import { blobUri } from '../../src/protocol/asset.ts';
import type { TunedModel } from '../../src/protocol/tunedModels.ts';

/** A model of a few megabytes, and an adapter that makes it answer in Spanish. */
export const tiny = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');
export const tinyBase = readFileSync(path.join(tiny, 'tiny-colours-f32.gguf'));
export const tinyAdapter = readFileSync(path.join(tiny, 'tiny-colours-lora-es.gguf'));

/** What a pipeline writes of that adapter. */
export const tinyFacts: AdapterFacts = {
  kind: 'lora',
  base: { file: 'tiny-colours-f32.gguf', bytes: tinyBase.length, sha256: sha256Of(tinyBase) },
  data: { sha256: sha256Of('the data'), train: 200, valid: 20, test: 50 },
  metrics: {
    base: { loss: 5.21, exact_match: 0, format_valid: 1 },
    tuned: { loss: 0.0312, exact_match: 0.98, format_valid: 1 },
  },
  verification: { meanKl: 0.00012, isEqual: true },
};

/** Registers a version whose folder has these files: an adapter and what is known of it, unless something else is given. */
export async function registerTuned(
  client: PlaneClient,
  name: string,
  version: string,
  files: Record<string, string | Buffer> = {},
  facts: object = tinyFacts,
): Promise<void> {
  const folder = `tuned/${name}/${version}`;
  for (const [file, content] of Object.entries({ 'finetuning.json': JSON.stringify(facts), 'adapter.gguf': tinyAdapter, ...files }))
    if (content.length > 0) await client.writeBlob('azureml-blobstore', `${folder}/${file}`, content as BodyInit);
  await client.putAsset('models', name, version, { modelUri: blobUri('azureml-blobstore', folder), modelType: 'custom_model' });
}

/** A registered adapter, when nothing of it has to be read any more: the feed tells of that. */
export async function tunedWhen(
  client: PlaneClient,
  name: string,
  test: (model: TunedModel) => boolean = ({ isChecking }) => !isChecking,
): Promise<TunedModel> {
  const changes = new ChangeStream(client.http, { kinds: ['model', 'localModel'] });
  try {
    return await new Promise<TunedModel>((resolve, reject) => {
      const look = () =>
        tunedModels(client.http, name).then((models) => {
          const found = models.find(test);
          if (found) resolve(found);
        }, reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(look);
    });
  } finally {
    changes.dispose();
  }
}
