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
        this.items = page.items;
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
    if (this.isLoaded && !this.items.includes(item)) this.items = [item, ...this.items];
  }

  addLast(item: T): void {
    if (this.isLoaded && !this.items.includes(item)) this.items = [...this.items, item];
  }

  /** Whether it was there. */
  remove(item: T): boolean {
    const rest = this.items.filter((each) => each !== item);
    const found = rest.length < this.items.length;
    this.items = rest;
    return found;
  }
}
