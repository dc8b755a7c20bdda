import { type CopiedJob, copyHeartbeatMs } from '../../protocol/copiedJob.ts';
import { isTerminal, type JobProperties, jobProperty } from '../../protocol/job.ts';

type Facts = Pick<JobProperties, 'properties'>;

/** Whether a copy is newer than what was sent: a request may arrive late, or twice. A plane that was restored counts anew, in another epoch. */
export function isOld({ asOf }: CopiedJob, { properties }: Facts): boolean {
  const [epoch, seq] = properties?.[jobProperty.originAsOf]?.split(' ') ?? [];
  return epoch === asOf.epoch && Number(seq) > asOf.seq;
}

/** What a copy notes of the telling itself: how new it is, and when it came. */
export const newsOf = ({ asOf: { epoch, seq } }: CopiedJob, now: number): Record<string, string> => ({
  [jobProperty.originAsOf]: `${epoch} ${seq}`,
  [jobProperty.originHeardAt]: new Date(now).toISOString(),
});

/** When it was told of a job last, in ms since 1970. */
export const heardAt = ({ properties }: Facts): number => Date.parse(properties?.[jobProperty.originHeardAt] ?? '');

/** Whether it is to be noted that a job was told of, though nothing is new: of one that has ended it does not matter, and otherwise not more often than it is told. */
export const isToBeNoted = ({ properties: { status } }: CopiedJob, before: Facts, now: number): boolean =>
  !isTerminal(status!) && !(now - heardAt(before) < copyHeartbeatMs / 2);

/** The properties of a copy, less what it notes of the telling. */
export function withoutNews({ properties, ...rest }: JobProperties): JobProperties {
  const { [jobProperty.originAsOf]: _asOf, [jobProperty.originHeardAt]: _heardAt, ...facts } = properties ?? {};
  return { ...rest, properties: facts } as JobProperties;
}
