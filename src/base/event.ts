import { type Disposable, toDisposable } from './disposable.ts';

/** Subscribes a listener; the returned disposable unsubscribes. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

let report = (error: unknown): void => console.error('A listener failed:', error);

/** Where errors of listeners go when their `Emitter` has no place of its own for them: a process with a log sends them there. */
export function reportListenerErrors(to: (error: unknown) => void): void {
  report = to;
}

/** The sending end of an `Event`. A listener that throws, or whose promise rejects, keeps the news from nobody; its error is reported. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => unknown>();
  private readonly onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void = (error) => report(error)) {
    this.onError = onError;
  }

  readonly event: Event<T> = (listener) => {
    // A set holds a function once; somebody who subscribes twice is told twice.
    const own = (value: T) => listener(value);
    this.listeners.add(own);
    return toDisposable(() => this.listeners.delete(own));
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        const answer = listener(value);
        if (answer instanceof Promise) answer.catch(this.onError);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
