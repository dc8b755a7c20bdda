/** Time as the plane has it; tests bring their own. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Calls back once, at the time or soon after; the answer takes it back. */
  at(time: number, callback: () => void): () => void;
}

/** Timers do not go further than this (2^31 ms), and a machine that slept is late by that much at most. */
const furthest = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(time, callback) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const left = time - Date.now();
      if (left <= 0) callback();
      else timer = setTimeout(wait, Math.min(left, furthest)).unref();
    };
    timer = setTimeout(wait, 0).unref();
    return () => clearTimeout(timer);
  },
};
