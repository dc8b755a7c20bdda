import type { Event } from '../../src/base/event.ts';

/** Settles with the first value for which `test` holds. */
export const first = <T>(event: Event<T>, test: (value: T) => boolean = () => true): Promise<T> =>
  new Promise((resolve) => {
    const subscription = event((value) => {
      if (!test(value)) return;
      subscription.dispose();
      resolve(value);
    });
  });
