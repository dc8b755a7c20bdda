import { UserError } from '../../base/userError.ts';
import { msOf } from '../../protocol/hybridClock.ts';
import type { JobPatch } from '../../protocol/job.ts';
import { type JobConflict, tagOf, type WrittenValue } from '../../protocol/sharedFields.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text } from '../parsed.ts';

/** What two control planes have written of the same job, or of those that are named; with `--take-other`, makes the other value count. */
export async function showConflicts(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const names = new Set(parsed.positionals);
  const found = (await client.listConflicts()).filter(({ job }) => names.size === 0 || names.has(job));
  const field = text(parsed, 'take-other');
  if (field === undefined) return { value: found, text: () => found.map(textOf).join('\n\n') || 'There are no conflicts.' };
  const meant = found.filter((each) => each.field === field);
  if (names.size === 0 || meant.length === 0)
    throw new UserError(
      names.size === 0 ? 'InvalidArgument' : 'NotFound',
      names.size === 0 ? '--take-other needs the name of a job.' : `There is no conflict over "${field}" of ${[...names].join(', ')}.`,
      'List them with "updraft sync conflicts".',
    );
  for (const each of meant) await client.patchJob(each.job, patchOf(each));
  return {
    value: meant,
    text: () =>
      meant
        .map(
          ({ job, lost }) => `${field} of ${job} is ${valueText(lost)} now. It goes to the other place with the next "updraft sync push".`,
        )
        .join('\n'),
  };
}

/** What sets the value that lost. */
function patchOf({ field, lost: { value } }: JobConflict): JobPatch {
  const tag = tagOf(field);
  const plain = typeof value === 'string' ? value : null;
  if (tag !== undefined) return { tags: { [tag]: plain } };
  if (field === 'isArchived') return { isArchived: value === true };
  return field === 'description' ? { description: plain ?? '' } : { displayName: plain ?? '' };
}

const valueText = (value: WrittenValue['value'] | WrittenValue): string => {
  const plain = typeof value === 'object' && value !== null ? value.value : value;
  return plain === null ? 'nothing' : typeof plain === 'string' ? `"${plain}"` : plain ? 'yes' : 'no';
};

const writtenText = ({ by, clock, plane, value }: WrittenValue): string =>
  `${valueText(value)}, by ${by} on ${new Date(msOf(clock)).toISOString().replace('T', ' at ').replace('Z', ' UTC')}, on the control plane ${plane.slice(0, 8)}`;

function textOf({ job, field, won, lost }: JobConflict): string {
  const why =
    won.clock > lost.clock ? 'it was written later' : 'both were written at the same moment, and the greater id of a control plane decides';
  return [`${field} of ${job}`, `  counts: ${writtenText(won)}: ${why}`, `  other:  ${writtenText(lost)}`].join('\n');
}
