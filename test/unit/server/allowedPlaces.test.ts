import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { allowedPlaces, isAllowed, isAllowedByName } from '../../../src/server/deliveries/allowedPlaces.ts';
import { receiverUrl } from '../../../src/server/deliveries/receiver.ts';

const none = allowedPlaces([]);

describe('where webhooks may go', () => {
  const inside = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '100::1',
  ];
  for (const address of inside) it(`not to ${address}`, () => assert.equal(isAllowed(address, none), false));

  for (const address of [
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.32.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])
    it(`to ${address}`, () => assert.equal(isAllowed(address, none), true));

  it('to networks that were allowed, however their addresses are written', () => {
    const places = allowedPlaces(['10.1.0.0/16', 'fd12::/32']);
    for (const address of ['10.1.9.9', '::ffff:10.1.9.9', '64:ff9b::10.1.9.9', 'fd12::7'])
      assert.equal(isAllowed(address, places), true, address);
    for (const address of ['10.2.0.1', '169.254.169.254', 'fd13::7']) assert.equal(isAllowed(address, places), false, address);
  });

  it('not to the metadata of a cloud, whatever name was allowed that leads there', () => {
    const places = allowedPlaces(['hooks.example.org']);
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254', '168.63.129.16'])
      assert.equal(isAllowedByName(address, places), false, address);
    assert.equal(isAllowedByName('10.0.0.1', places), true);
    assert.equal(isAllowedByName('169.254.169.254', allowedPlaces(['hooks.example.org', '169.254.0.0/16'])), true);
  });

  it('says what it can not read', () => {
    for (const text of ['10.0.0.0/33', 'fd00::/129', 'hooks.example.org/24', 'https://hooks.example.org', '', 'a b'])
      assert.throws(() => allowedPlaces([text]), { code: 'InvalidValue' }, text);
  });

  const wrong = [
    'ftp://example.org/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'example.org',
    'https://ann:secret@example.org/',
    'http://example.org/',
    'https://127.0.0.1/',
    // The spellings of 127.0.0.1 that clients of HTTP understand.
    'https://127.1/',
    'https://0177.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://127.0.0.1./',
    'https://①②⑦.⓪.⓪.①/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    `https://example.org/${'a'.repeat(3000)}`,
  ];
  for (const text of wrong)
    it(`refuses ${text.slice(0, 60)}`, () => assert.throws(() => receiverUrl(text, none), { code: 'InvalidRequest' }));

  it('takes plain http for what was allowed alone', () => {
    const places = allowedPlaces(['hooks.lan', '10.1.0.0/16']);
    for (const text of ['http://hooks.lan/a', 'http://HOOKS.lan./a', 'http://10.1.0.1:8080/']) assert.ok(receiverUrl(text, places), text);
    assert.throws(() => receiverUrl('http://10.2.0.1/', places), { code: 'InvalidRequest' });
    assert.throws(() => receiverUrl('http://hooks.lan/a', none), { code: 'InvalidRequest' });
  });
});
