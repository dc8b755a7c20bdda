import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { behindSteps, loggedName, loggedPlaces } from '../../../src/protocol/loggedName.ts';

const uuid = '0f2d6a34-1111-4222-8333-444455556666';

describe('the name of an artifact', () => {
  it('tells key, step and time of a picture that MLflow logged, of any version', () => {
    const path = `images/val~first batch+step+12+timestamp+1764172800123+${uuid}`;
    assert.deepEqual(loggedName(`${path}.png`), { kind: 'image', key: 'val/first batch', step: 12, at: 1764172800123 });
    assert.deepEqual(loggedName(`${path}+compressed.webp`), {
      ...{ kind: 'image', key: 'val/first batch', step: 12, at: 1764172800123 },
      previewOf: `${path}.png`,
    });
    assert.deepEqual(loggedName(`images/val#first%step%-3%timestamp%5%${uuid}.png`), { kind: 'image', key: 'val/first', step: -3, at: 5 });
  });

  it('has a step where a number stands behind a word for one', () => {
    assert.deepEqual(loggedName('plots/epoch_012.png'), { kind: 'image', key: 'plots/epoch_*.png', step: 12 });
    assert.deepEqual(loggedName('step=5/weights.json'), { kind: 'data', key: 'step=*/weights.json', step: 5 });
    assert.deepEqual(loggedName('hist-iter3_layer2.csv'), { kind: 'data', key: 'hist-iter*_layer2.csv', step: 3 });
    for (const path of ['footstep4.png', 'step_4a.png', 'layer_4.png', 'epochs.png', 'step_1234567890123456.png'])
      assert.deepEqual(loggedName(path), { kind: 'image', key: path });
  });

  it('is none of a card where the file is a log, of the environment, or of another type', () => {
    for (const path of [
      'user_logs/std_log.txt',
      'environment/requirements.txt',
      `table_images/table/${uuid}.png`,
      'model.pkl',
      'README',
      'page.html',
      '',
    ])
      assert.equal(loggedName(path), undefined, path);
    assert.equal(loggedName('notes/NOTE.TXT')?.kind, 'text');
  });

  it('is found again by its key', () => {
    for (const path of [
      `images/a~b+step+1+timestamp+2+${uuid}.png`,
      `images/a#b%step%1%timestamp%2%${uuid}.png`,
      'p/epoch_1.png',
      'x.csv',
    ]) {
      const name = loggedName(path)!;
      assert.ok(
        loggedPlaces(name).some((place) => path.startsWith(place)),
        path,
      );
    }
    assert.equal(behindSteps('plots/epoch_12.png'), 'plots/epoch_:');
    assert.equal(behindSteps(`images/a+step+9+timestamp+2+${uuid}.png`), 'images/a+step+:');
    assert.equal(behindSteps('x.csv'), undefined);
  });
});
