import type { Job } from '../../protocol/job.ts';
import type { KeptSelection } from '../../protocol/sync.ts';
import { isSamePlace } from './journalEntry.ts';

export const isSameSelection = (a: KeptSelection, b: KeptSelection): boolean =>
  isSamePlace(a.from, b.from) && isSamePlace(a.to, b.to) && a.experiment === b.experiment && a.tag === b.tag;

/** `experiment digits`, `tag team=vision` */
export const selectionText = ({ experiment, tag }: KeptSelection): string =>
  experiment === undefined ? `tag ${tag}` : `experiment ${experiment}`;

/** Whether a job is of a selection, and no part of another one, with which it goes. */
export function isSelected({ properties }: Job, { experiment, tag }: KeptSelection): boolean {
  const { parentJobName, experimentName = 'Default', tags = {} } = properties;
  if (parentJobName !== undefined) return false;
  if (experiment !== undefined && experimentName !== experiment) return false;
  if (tag === undefined) return true;
  const [, key = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(tag) ?? [];
  return tags[key] !== undefined && (value === undefined || tags[key] === value);
}
