/** Where it is kept over a reload of the window, ids of rows. */
export interface RowsMemory {
  read(): { open: string[]; closed: string[] };
  write(rows: { open: string[]; closed: string[] }): void;
}

/** Rows that are remembered of each sort. */
const mostRows = 500;

/**
 * Which rows of a tree are open and which a person has closed. The editor forgets that when a row goes away for a while, as rows do while there is a filter, and when the
 * window is loaded anew.
 */
export class ExpandedRows {
  private readonly memory: RowsMemory;

  constructor(memory: RowsMemory) {
    this.memory = memory;
  }

  note(id: string, isOpen: boolean): void {
    const { open, closed } = this.memory.read();
    if ((isOpen ? open : closed).includes(id)) return;
    const without = (ids: string[]) => ids.filter((each) => each !== id).slice(1 - mostRows);
    this.memory.write({
      open: isOpen ? [...without(open), id] : without(open),
      closed: isOpen ? without(closed) : [...without(closed), id],
    });
  }

  /** Whether to draw a row open; `byItself` is for one that nobody has touched. */
  isOpen(id: string, byItself: boolean): boolean {
    const { open, closed } = this.memory.read();
    return open.includes(id) || (byItself && !closed.includes(id));
  }
}
