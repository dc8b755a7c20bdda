import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Disposable } from '../../base/disposable.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import { CommitEmitter } from '../commitEmitter.ts';
import type { Commit } from '../store.ts';
import { channelOf } from './changeLog.ts';
import { connect, type PostgresPlace } from './connection.ts';

/** Milliseconds after which a lost connection is made anew. */
const again = 250;

/** Tells of commits that left changes: of this process's own at once, of those of others as the database tells of them, over one connection that listens while somebody does here. */
export class CommitNews implements Disposable {
  private readonly commits = new CommitEmitter({ begin: () => this.begin(), rest: () => this.rest() });
  readonly event = this.commits.event;
  private readonly place: PostgresPlace;
  /** What our own commits are told with. */
  private readonly us: string;
  private readonly newest: () => Promise<number>;
  /** The newest change that was told of, and the newest that was found without being told of. */
  private told = 0;
  private found = 0;
  /** Of whoever listens now; one that was stopped is over. */
  private listening: { isOver: boolean; client?: pg.Client } | undefined;

  /** `newest` reads the number of the newest change that is committed. */
  constructor(place: PostgresPlace, us: string, newest: () => Promise<number>) {
    this.place = place;
    this.us = us;
    this.newest = newest;
  }

  /** To be called after a commit of this process. */
  tell(seq: number, kinds: Commit['kinds']): void {
    this.told = Math.max(this.told, seq);
    this.commits.fire({ seq, kinds });
  }

  dispose(): void {
    this.commits.dispose();
  }

  private begin(): void {
    this.listening = { isOver: false };
    this.listen(this.listening).catch(() => {});
  }

  /** Listens until it is over, over one connection after another. */
  private async listen(own: { isOver: boolean; client?: pg.Client }): Promise<void> {
    while (!own.isOver) {
      try {
        const client = await connect(this.place);
        own.client = client;
        const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
        client.on('notification', ({ payload }) => this.heard(payload ?? ''));
        await client.query(`LISTEN ${channelOf(this.place.schema)}`);
        // What was told while nobody listened is not told again.
        const seq = await this.newest();
        if (seq > this.told) {
          this.found = seq;
          this.tell(seq, undefined);
        }
        if (own.isOver) await client.end();
        await ended;
      } catch {
        // The database is away: the next try is as good.
      }
      if (!own.isOver) await pause(again, undefined, { ref: false });
    }
  }

  private heard(payload: string): void {
    const [by, seq, kinds] = payload.split(' ');
    if (by !== this.us && Number(seq) > this.found) this.tell(Number(seq), new Set(kinds!.split(',') as ChangeKind[]));
  }

  private rest(): void {
    if (!this.listening) return;
    this.listening.isOver = true;
    this.listening.client?.end().catch(() => {});
    this.listening = undefined;
  }
}
