import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Places } from '../../../src/runner/places.ts';

describe('Places', () => {
  const sharer = (held: number) => {
    const each = { count: held, rooms: 0, held: () => each.count, onRoom: () => (each.rooms += 1) };
    return each;
  };

  it('leave to each what the others have not in hand', () => {
    const places = new Places(4);
    const [one, other] = [sharer(1), sharer(2)];
    assert.equal(places.leftTo(one), 4);
    places.join(one);
    const joined = places.join(other);
    assert.deepEqual([places.leftTo(one), places.leftTo(other)], [2, 3]);
    other.count = 9;
    assert.equal(places.leftTo(one), 0);
    joined.dispose();
    assert.equal(places.leftTo(one), 4);
  });

  it('tell the others, and not who it was, when one has a job less', () => {
    const places = new Places(1);
    const [one, other] = [sharer(0), sharer(0)];
    for (const each of [one, other]) places.join(each);
    places.tellOthers(one);
    assert.deepEqual([one.rooms, other.rooms], [0, 1]);
  });
});
