/** What there was to send of a job and its steps; all 0 when the copy was the same already. */
export interface Sent {
  jobs: number;
  files: number;
  bytes: number;
  points: number;
}

export const nothing = (): Sent => ({ jobs: 0, files: 0, bytes: 0, points: 0 });

export const isNothing = (sent: Sent): boolean => Object.values(sent).every((count) => count === 0);

export function addTo(total: Sent, more: Partial<Sent>): void {
  for (const key of Object.keys(more) as (keyof Sent)[]) total[key] += more[key] ?? 0;
}
