/** The first few of many, as a heap with the last of them on top. */
export class FirstOf {
  private readonly most: number;
  private readonly compare: (a: number, b: number) => number;
  private readonly heap: number[] = [];

  constructor(most: number, compare: (a: number, b: number) => number) {
    this.most = most;
    this.compare = compare;
  }

  add(item: number): void {
    const { heap, compare } = this;
    if (heap.length < this.most) {
      heap.push(item);
      let child = heap.length - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (compare(heap[parent]!, heap[child]!) >= 0) return;
        [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
        child = parent;
      }
    } else if (compare(item, heap[0]!) < 0) {
      heap[0] = item;
      let parent = 0;
      for (;;) {
        let child = 2 * parent + 1;
        if (child >= heap.length) return;
        if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) > 0) child++;
        if (compare(heap[parent]!, heap[child]!) >= 0) return;
        [heap[parent], heap[child]] = [heap[child]!, heap[parent]!];
        parent = child;
      }
    }
  }

  sorted(): number[] {
    return this.heap.sort(this.compare);
  }
}
