import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { callerAt } from '../../../../src/server/signIn/callerAt.ts';

describe('callerAt', () => {
  it('keeps an address of IPv4, also where it is written as one of IPv6', () => {
    assert.equal(callerAt('198.51.100.7'), '198.51.100.7');
    assert.equal(callerAt('::ffff:198.51.100.7'), '198.51.100.7');
  });

  it('takes the network of an address of IPv6, however it is written', () => {
    for (const address of ['2001:db8:0:7::1', '2001:0DB8:0000:0007:1:2:3:4', '2001:db8:0:7:ffff::', '2001:db8::7:1:2:3:4%eth0'])
      assert.equal(callerAt(address), '2001:db8:0:7::/64', address);
    assert.equal(callerAt('::1'), '0:0:0:0::/64');
    assert.equal(callerAt('64:ff9b::198.51.100.7'), '64:ff9b:0:0::/64');
  });

  it('keeps no more of what is no address than one has', () => {
    assert.equal(callerAt('x'.repeat(5000)).length, 64);
    assert.equal(callerAt(''), '');
  });
});
