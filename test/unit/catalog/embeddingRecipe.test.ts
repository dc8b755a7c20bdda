import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { embeddingOutput, embeddingRecipe } from '../../../src/catalog/embeddingRecipe.ts';

describe('how a model makes vectors of texts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-recipe-'));
    write('tokenizer.json', {});
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, value: unknown): void {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
  }
  const recipe = (name = 'model.onnx') => embeddingRecipe(path.join(folder, name));
  const module = (name: string, below = '') => ({ type: `sentence_transformers.models.${name}`, path: below });

  it('is the mean of its tokens, one unit long, where nothing says otherwise', async () => {
    const tokenizer = path.join(folder, 'tokenizer.json');
    assert.deepEqual(await recipe(), { tokenizer, maxTokens: 512, pooling: ['mean_tokens'], isNormalized: true });
  });

  it('is what sentence-transformers wrote', async () => {
    write('modules.json', [module('Transformer'), module('Pooling', '1_Pooling')]);
    write('1_Pooling/config.json', { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false });
    assert.deepEqual((await recipe())!.pooling, ['cls_token']);
    assert.equal((await recipe())!.isNormalized, false);
    write('modules.json', [module('Transformer'), module('Pooling', '1_Pooling'), module('Normalize', '2_Normalize')]);
    assert.equal((await recipe())!.isNormalized, true);
    assert.equal((await recipe())!.problem, undefined);
    write('modules.json', [module('Transformer'), module('Pooling', '../../outside'), module('Dense', '2_Dense')]);
    assert.match((await recipe())!.problem!, /"Dense" of modules\.json is not known here/);
  });

  it('takes as many tokens as the strictest file says', async () => {
    const limit = async () => (await recipe())!.maxTokens;
    write('tokenizer_config.json', { model_max_length: 1e30 });
    assert.equal(await limit(), 512);
    write('config.json', { max_position_embeddings: 512, model_type: 'bert' });
    assert.equal(await limit(), 512);
    write('config.json', { max_position_embeddings: 514, model_type: 'roberta' });
    assert.equal(await limit(), 512);
    write('tokenizer_config.json', { model_max_length: 300 });
    assert.equal(await limit(), 300);
    write('sentence_bert_config.json', { max_seq_length: 128 });
    assert.equal(await limit(), 128);
    assert.equal((await recipe())!.architecture, 'roberta');
  });

  it('is above the folder "onnx", as the hub has it, and nowhere without a tokenizer', async () => {
    mkdirSync(path.join(folder, 'onnx'));
    assert.equal((await recipe('onnx/model.onnx'))!.tokenizer, path.join(folder, 'tokenizer.json'));
    assert.equal(await recipe('other/model.onnx'), undefined);
  });

  it('needs an input of tokens and an output of vectors', () => {
    const inputs = ['input_ids', 'attention_mask'];
    assert.equal(embeddingOutput({ inputs, outputs: ['last_hidden_state', 'pooler_output'] }), 'last_hidden_state');
    assert.equal(embeddingOutput({ inputs, outputs: ['token_embeddings', 'sentence_embedding'] }), 'sentence_embedding');
    assert.equal(embeddingOutput({ inputs, outputs: ['logits'] }), undefined);
    assert.equal(embeddingOutput({ inputs: ['X'], outputs: ['last_hidden_state'] }), undefined);
    assert.equal(embeddingOutput({ inputs: [...inputs, 'past_key_values.0.key'], outputs: ['last_hidden_state'] }), undefined);
  });
});
