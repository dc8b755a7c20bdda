/** Ends what nobody needs: fires once when for `idleMs` there was no request, no open feed and no unfinished job. 0 never fires. */
export function idleWatch({ idleMs, isBusy }: { idleMs: number; isBusy: () => Promise<boolean> }) {
  let open = 0;
  let last = Date.now();
  let lastRequest = last;
  let listener: () => void = () => {};
  const look = async () => {
    if (open > 0 || (await isBusy())) last = Date.now();
    else if (Date.now() - last >= idleMs) listener();
  };
  // A store that can't be asked leaves the plane up: the next look asks again.
  const timer = idleMs > 0 ? setInterval(() => void look().catch(() => {}), Math.min(idleMs, 30_000)).unref() : undefined;
  return {
    touch: () => {
      last = lastRequest = Date.now();
    },
    /** Milliseconds without a request. */
    quietMs: () => Date.now() - lastRequest,
    openFeed: () => {
      open++;
      let closed = false;
      return () => {
        if (closed) return;
        closed = true;
        open--;
        last = Date.now();
      };
    },
    feeds: () => open,
    onIdle: (callback: () => void) => {
      listener = callback;
    },
    dispose: () => clearInterval(timer),
  };
}
