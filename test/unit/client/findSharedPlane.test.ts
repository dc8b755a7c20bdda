import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Server } from 'node:net';
import { describe, it } from 'mocha';
import { findSharedPlane } from '../../../src/client/findSharedPlane.ts';
import { planeAddress } from '../../../src/client/planeAddress.ts';
import { makeCertificate } from '../../../src/server/tls/makeCertificate.ts';

describe('the address of a shared plane', () => {
  it('is taken as people write it', () => {
    for (const [text, url] of [
      ['https://updraft.example.org', 'https://updraft.example.org'],
      [' updraft.example.org/ ', 'https://updraft.example.org'],
      ['https://updraft.example.org:8443/studio/jobs/x', 'https://updraft.example.org:8443'],
      ['http://localhost:8700', 'http://localhost:8700'],
      ['http://127.0.0.1:8700/', 'http://127.0.0.1:8700'],
      ['http://[::1]:8700', 'http://[::1]:8700'],
    ])
      assert.equal(planeAddress(text!), url);
  });

  it('that would give a token away, or is none, is refused with what to do', () => {
    for (const [text, why] of [
      ['http://updraft.example.org', /anybody between here and updraft\.example\.org could read your token/],
      ['http://localhost.evil.example', /could read your token/],
      ['http://127.0.0.1.evil.example', /could read your token/],
      ['ftp://updraft.example.org', /not reached by "ftp:\/\/"/],
      ['https://me:secret@updraft.example.org', /a name or a password/],
      ['https://updraft.example.org/team', /Did you mean|no path/],
      ['https://', /no address/],
    ] as const)
      assert.throws(
        () => planeAddress(text),
        (error: { code: string; message: string; hint?: string }) => {
          assert.equal(error.code, 'InvalidArgument');
          assert.match(error.message, why);
          assert.ok(error.hint && !error.message.includes('secret'));
          return true;
        },
      );
  });
});

describe('what is at an address', () => {
  const health = { status: 'ok', product: 'updraft', version: '1.2.3', id: 'x', pid: 1 };

  async function at(server: Server, look: (url: string) => Promise<void>, scheme = 'http'): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await look(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      await new Promise((resolve) => {
        server.close(resolve);
        (server as { closeAllConnections?: () => void }).closeAllConnections?.();
      });
    }
  }
  const answering = (listener: RequestListener) => createServer(listener);
  const saying = (text: string) => answering((_request, response) => response.end(text));
  const refused = (url: string, code: string, message: RegExp) =>
    assert.rejects(findSharedPlane(url), (error: { code: string; message: string; hint?: string }) => {
      assert.match(error.message, message);
      assert.equal(error.code, code);
      assert.ok(error.hint);
      return true;
    });

  it('is a control plane, asked without a token', () =>
    at(
      answering(({ url, headers }, response) => {
        assert.equal(url, '/health');
        assert.equal(headers.authorization, undefined);
        response.end(JSON.stringify(health));
      }),
      async (url) => assert.equal((await findSharedPlane(url)).version, '1.2.3'),
    ));

  it('is something else, which is said', async () => {
    await at(saying('<!doctype html><title>Welcome</title>'), (url) => refused(url, 'InvalidArgument', /^A web page answers at/));
    await at(saying('{"product": "grafana"}'), (url) => refused(url, 'InvalidArgument', /^Another program answers at/));
    await at(saying('null'), (url) => refused(url, 'InvalidArgument', /^Another program answers at/));
    await at(saying('220 smtp'), (url) => refused(url, 'InvalidArgument', /^Something else answers at/));
    await at(saying('{"product": "updraft", "version": "9.0"}'), (url) =>
      refused(url, 'InvalidArgument', /version that this one does not understand: 9\.0/),
    );
    await at(
      answering((_request, response) => response.writeHead(302, { location: 'https://login.example.org/' }).end()),
      (url) => refused(url, 'InvalidArgument', /sends requests on to https:\/\/login\.example\.org\//),
    );
  });

  it('is behind a certificate that is not to be trusted, or does not speak https', async () => {
    const { key, certificate: cert } = await makeCertificate();
    await at(
      createSecureServer({ key, cert }),
      (url) => refused(url, 'InvalidArgument', /^The certificate of .* can't be trusted/),
      'https',
    );
    await at(saying('hello'), (url) => refused(url, 'InvalidArgument', /does not speak https/), 'https');
  });

  it('is nothing, or goes away', async () => {
    let closed = '';
    await at(saying(''), async (url) => void (closed = url));
    await refused(closed, 'PlaneUnreachable', /^Nothing answers at/);
    await at(
      createTcpServer((socket) => socket.destroy()),
      (url) => refused(url, 'PlaneUnreachable', /does not answer/),
    );
    await refused('https://no-such-machine.invalid', 'PlaneUnreachable', /no machine called "no-such-machine\.invalid"|does not answer/);
  });
});
