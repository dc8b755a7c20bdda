/** Why a job is stopped that is not canceled: another one, of a higher tier, waits for its place. */
export class GaveWay extends Error {
  readonly to: string;

  constructor(to: string) {
    super(
      `The job gave way to ${to}, a job of a higher tier that waited for its place. It is queued again and begins anew when it is its turn.`,
    );
    this.to = to;
  }
}

/** undefined where a signal was not aborted, or since somebody canceled. */
export const gaveWayOf = ({ reason }: AbortSignal): GaveWay | undefined => (reason instanceof GaveWay ? reason : undefined);
