import type { CommandJobProperties } from '../protocol/job.ts';

/** Services that the plane itself names with each job. */
const ours = ['Tracking', 'Studio'];

/** What a job asks for, is kept with it, and changes nothing where commands run as they do here: a line each for its log. */
export function withoutEffect({ services, identity }: CommandJobProperties): string[] {
  const lines: string[] = [];
  const asked = Object.keys(services ?? {}).filter((name) => !ours.includes(name));
  if (asked.length)
    lines.push(`services (${asked.join(', ')}) have no effect here: nothing is opened for a command, which can open ports by itself.`);
  if (isGiven(identity)) lines.push('identity has no effect here: the command runs as the user who runs its runner.');
  return lines;
}

const isGiven = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).some((each) => each != null);
