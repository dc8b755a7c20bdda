import { Emitter } from '../../../src/base/event.ts';
import { ChangeStream, type ChangeStreamState } from '../../../src/client/changeStream.ts';
import type { Http } from '../../../src/client/http.ts';
import type { Change } from '../../../src/protocol/change.ts';

/**
 * The plane's change feed for a page. While the tab is hidden it holds no connection (browsers allow six to a host, over all tabs) and afterwards goes on from where it was.
 * `onDidReset` says that news may have been missed: read everything again.
 */
export class Feed {
  private readonly changes = new Emitter<Change>();
  private readonly states = new Emitter<ChangeStreamState>();
  private readonly resets = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  readonly onDidChangeState = this.states.event;
  readonly onDidReset = this.resets.event;
  /** Settles with the first connection or the first failure: what is read from then on is not outdated by a change nobody told of. */
  readonly settled: Promise<void>;
  state: ChangeStreamState = 'connecting';

  private readonly http: Http;
  private stream: ChangeStream | undefined;
  private cursor: number | undefined;
  private wasLost = false;

  constructor(http: Http) {
    this.http = http;
    this.settled = new Promise((resolve) => {
      const subscription = this.states.event((state) => {
        if (state === 'connecting') return;
        subscription.dispose();
        resolve();
      });
    });
    document.addEventListener('visibilitychange', () => (document.hidden ? this.pause() : this.resume()));
    this.resume();
  }

  private resume(): void {
    if (this.stream) return;
    const stream = new ChangeStream(this.http, this.cursor === undefined ? {} : { since: this.cursor });
    this.stream = stream;
    stream.onDidChange((change) => {
      this.cursor = stream.seq;
      this.changes.fire(change);
    });
    stream.onDidReset(() => this.resets.fire());
    stream.onDidChangeState((state) => {
      this.state = state;
      this.states.fire(state);
      if (state === 'disconnected') this.wasLost = true;
      else if (state === 'live' && this.wasLost) {
        // Whatever failed meanwhile is asked for again.
        this.wasLost = false;
        this.resets.fire();
      }
    });
  }

  private pause(): void {
    this.cursor = this.stream?.seq ?? this.cursor;
    this.stream?.dispose();
    this.stream = undefined;
  }
}
