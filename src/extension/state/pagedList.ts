/** One page of something; `next` asks for the one after it. */
export interface ListPage<T> {
  items: T[];
  next?: string | undefined;
}

/** The part of a long list that was asked for so far. `items` is replaced whole on every change. */
export class PagedList<T> {
  items: readonly T[] = [];
  private next: string | undefined;
  private first: Promise<void> | undefined;
  private isLoaded = false;
  /** What came in while the first page was on its way, which may have been read before. */
  private readonly early: { first: readonly T[]; last: readonly T[] } = { first: [], last: [] };
  private readonly read: (next?: string) => Promise<ListPage<T>>;

  constructor(read: (next?: string) => Promise<ListPage<T>>) {
    this.read = read;
  }

  get loaded(): boolean {
    return this.isLoaded;
  }

  get hasMore(): boolean {
    return this.next !== undefined;
  }

  /** Reads the first page unless that was done. After an error the next call tries again. */
  async load(): Promise<readonly T[]> {
    this.first ??= this.read().then(
      (page) => {
        this.items = [...new Set([...this.early.first.filter((item) => !page.items.includes(item)), ...page.items, ...this.early.last])];
        this.next = page.next;
        this.isLoaded = true;
      },
      (error) => {
        this.first = undefined;
        throw error;
      },
    );
    await this.first;
    return this.items;
  }

  /** Adds the next page; items that came in by news meanwhile are not repeated. */
  async more(): Promise<void> {
    const next = this.next;
    if (next === undefined) return;
    const page = await this.read(next);
    if (this.next !== next) return;
    this.next = page.next;
    this.items = [...this.items, ...page.items.filter((item) => !this.items.includes(item))];
  }

  addFirst(item: T): void {
    if (!this.isLoaded) this.early.first = [item, ...this.early.first.filter((each) => each !== item)];
    else if (!this.items.includes(item)) this.items = [item, ...this.items];
  }

  /** As `addFirst`, also for what is there already. */
  moveFirst(item: T): void {
    if (this.isLoaded && this.items[0] !== item) this.items = [item, ...this.items.filter((each) => each !== item)];
    else this.addFirst(item);
  }

  addLast(item: T): void {
    if (!this.isLoaded) this.early.last = [...this.early.last.filter((each) => each !== item), item];
    else if (!this.items.includes(item)) this.items = [...this.items, item];
  }

  /** Whether it was there. */
  remove(item: T): boolean {
    const without = (items: readonly T[]) => items.filter((each) => each !== item);
    this.early.first = without(this.early.first);
    this.early.last = without(this.early.last);
    const rest = without(this.items);
    const found = rest.length < this.items.length;
    this.items = rest;
    return found;
  }
}
