import { type Job, jobProperty } from '../protocol/job.ts';

/** Fewer lines are not worth a fold. */
const fewLines = 3;

/** How many lines at the start of a log of `lines` lines are folded: those before the command's own, once there are any of these. */
export function setupLines({ properties }: Pick<Job, 'properties'>, lines: number): number {
  const count = Number(properties.properties?.[jobProperty.setupLines]);
  return Number.isInteger(count) && count >= fewLines && count < lines ? count : 0;
}
