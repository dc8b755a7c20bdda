import { Emitter } from '../../../src/base/event.ts';

/** Where the cursor of one chart is on the horizontal axis: all charts of a page show it there. `from` is the chart that it is in. */
export interface SharedCursor {
  x: number | undefined;
  from: string;
}

export class CursorSync {
  private readonly moved = new Emitter<SharedCursor>();
  private readonly pointed = new Emitter<string | undefined>();
  readonly onDidMove = this.moved.event;
  /** A run that a legend or a table points at. */
  readonly onDidHighlight = this.pointed.event;

  move(cursor: SharedCursor): void {
    this.moved.fire(cursor);
  }

  highlight(line: string | undefined): void {
    this.pointed.fire(line);
  }
}
