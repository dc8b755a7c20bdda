import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger.ts';
import { Duties } from '../../../src/server/duties/duties.ts';
import type { Lease, Leases } from '../../../src/store/leases.ts';
import { openPostgresStore, type PostgresStores } from '../../../src/store/postgres/postgresStore.ts';
import { placeOf } from '../store/postgresServer.ts';

const times = { leaseMs: 600, renewMs: 100, lookMs: 100 };

/** A server's duties, and what was told of them. */
class Server {
  readonly duties: Duties;
  readonly told: string[] = [];
  private hear = () => {};

  constructor(leases: Leases | undefined, holder: string) {
    this.duties = new Duties({
      leases,
      holder,
      logger: silentLogger,
      times,
      begin: (lease) => {
        this.tell(`begun ${lease?.term}`);
        return { end: async () => this.tell('ended') };
      },
    });
  }

  private tell(what: string): void {
    this.told.push(what);
    this.hear();
  }

  async hears(what: string): Promise<void> {
    while (!this.told.includes(what))
      await new Promise<void>((resolve) => {
        this.hear = resolve;
      });
  }
}

/** The real ones, over a network that can be cut. */
class CutLeases implements Leases {
  isCut = false;
  private readonly real: Leases;
  constructor(real: Leases) {
    this.real = real;
  }
  private through<T>(work: () => Promise<T>): Promise<T> {
    return this.isCut ? Promise.reject(new Error('The network is cut.')) : work();
  }
  take = (name: string, holder: string, ms: number, address?: string) => this.through(() => this.real.take(name, holder, ms, address));
  renew = (lease: Lease, ms: number) => this.through(() => this.real.renew(lease, ms));
  addressOf = (name: string) => this.through(() => this.real.addressOf(name));
  giveBack = (lease: Lease) => this.through(() => this.real.giveBack(lease));
  now = () => this.through(() => this.real.now());
  close = () => this.real.close();
}

describe('the duties of a plane', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  let stores: PostgresStores;
  let servers: Server[] = [];
  const server = (leases: Leases | undefined, holder: string): Server => {
    const made = new Server(leases, holder);
    servers.push(made);
    return made;
  };
  before(async () => {
    stores = openPostgresStore(placeOf(folder));
    await stores.ready();
  });
  afterEach(async () => {
    for (const { duties } of servers.splice(0)) await duties.dispose();
    servers = [];
  });
  after(async () => {
    await stores.store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are those of the only process at once, where no other can be', async () => {
    const only = server(undefined, 'only');
    await only.duties.start();
    assert.deepEqual(only.told, ['begun undefined']);
    await only.duties.dispose();
    assert.deepEqual(only.told, ['begun undefined', 'ended']);
  });

  it('are begun by one server, and by the next one when it ends', async () => {
    const [first, second] = [server(stores.leases, 'first'), server(stores.leases, 'second')];
    await first.duties.start();
    await second.duties.start();
    assert.deepEqual([first.told.length, second.told.length], [1, 0]);
    await first.duties.dispose();
    await second.hears(`begun ${Number(first.told[0]!.split(' ')[1]) + 1}`);
    assert.deepEqual(first.told.slice(1), ['ended']);
  });

  it('are ended in time by a server that can not say that it is there, and taken by another', async () => {
    const cut = new CutLeases(stores.leases);
    const [first, second] = [server(cut, 'first'), server(stores.leases, 'second')];
    await first.duties.start();
    const term = Number(first.told[0]!.split(' ')[1]);
    await second.duties.start();
    cut.isCut = true;
    await Promise.all([first.hears('ended'), second.hears(`begun ${term + 1}`)]);
    // It comes back, and waits.
    cut.isCut = false;
    await second.duties.dispose();
    await first.hears(`begun ${term + 2}`);
  });

  it('are ended by a server whose lease another has', async () => {
    const first = server(stores.leases, 'first');
    await first.duties.start();
    // As the same server, started again after a kill that it survived.
    await stores.leases.take('duties', 'first', 1);
    await first.hears('ended');
  });
});
