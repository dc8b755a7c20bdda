import type { Fetch } from '../../../src/client/http.ts';

export interface BadFetch {
  fetch: Fetch;
  /** From now on nothing gets through. */
  cut(): void;
  /** From now on all goes through; what was under way somewhere arrives first. */
  heal(): Promise<void>;
  /** Called with the number of requests so far. */
  onRequest: (count: number) => void;
}

/** Turns of the event loop that a request is held back, at most, while others overtake it. */
const mostTurns = 20;
/** Requests after which a request that was doubled arrives the second time, at most. */
const mostLater = 15;

/**
 * A `fetch` over a network which loses requests before they arrive, loses answers, sends requests twice at once or again much later, and lets them overtake each other, by a
 * choice that is the same for the same `random`. Bodies that are streamed are sent once. The change feed is left alone.
 */
export function badFetch(random: () => number): BadFetch {
  let [isBad, isCut, count] = [true, false, 0];
  const late: { due: number; send: () => Promise<void> }[] = [];
  const lost = () => new TypeError('fetch failed', { cause: new Error('the network was cut') });
  const spend = async (response: Response) => {
    await response.body?.cancel();
  };

  const network: BadFetch = {
    onRequest: () => {},
    cut: () => {
      isCut = true;
    },
    async heal() {
      [isBad, isCut] = [false, false];
      for (const { send } of late.splice(0)) await send();
    },
    async fetch(input, init) {
      if (new URL(input).pathname === '/changes') return fetch(input, init);
      network.onRequest(++count);
      init?.signal?.throwIfAborted();
      if (isCut) throw lost();
      if (!isBad) return fetch(input, init);
      const body = init?.body;
      const isRepeatable = body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;
      // What comes twice, or late, does so though nobody waits for it any more.
      const again = async () => {
        await fetch(input, { ...init, signal: null }).then(spend, () => {});
      };
      const due = late.filter((each) => each.due <= count);
      for (const each of due) late.splice(late.indexOf(each), 1);
      for (const { send } of due) await send();
      const fate = random();
      if (fate < 0.03) throw lost();
      for (let turns = Math.floor(random() * mostTurns); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      const answer = await fetch(input, init);
      if (fate < 0.06) {
        await spend(answer);
        throw lost();
      }
      if (isRepeatable && fate < 0.12) await again();
      // Contents of files are not versioned: only what says how new it is may come late.
      else if (isRepeatable && fate < 0.2 && !new URL(input).pathname.includes('/blobs/'))
        late.push({ due: count + 1 + Math.floor(random() * mostLater), send: again });
      return answer;
    },
  };
  return network;
}
