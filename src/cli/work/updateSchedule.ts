import { parse, stringify } from 'yaml';
import { UserError } from '../../base/userError.ts';
import type { Schedule } from '../../protocol/schedule.ts';
import { camelKeys, given } from '../../spec/armParts.ts';
import { setValue } from '../../spec/setValue.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, required } from '../parsed.ts';
import type { ArmResource } from '../shapes/parts.ts';
import { scheduleShape } from '../shapes/resourceShapes.ts';
import { whatNext } from './schedules.ts';

/** What `--set` may change: when a schedule starts its job, whether it does, and how it is described. */
export async function updateSchedule(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { name, properties } = await client.getSchedule(required(parsed, 'name'));
  const { trigger, description, display_name, is_enabled, tags } = scheduleShape({ id: '', name, properties });
  // Without its job, which stays as it is.
  const before = stringify({ trigger, description, display_name, is_enabled, tags });
  const changed = parse(list(parsed, 'set').reduce(setValue, before)) as Record<string, any>;
  const unknown = Object.keys(changed).filter((key) => !['trigger', 'description', 'display_name', 'is_enabled', 'tags'].includes(key));
  if (unknown.length)
    throw new UserError(
      'InvalidArgument',
      `--set ${unknown[0]}: this can't be changed of a schedule that is there.`,
      'Create it again from its file.',
    );
  const { type, ...times } = changed.trigger;
  const made = await client.putSchedule(name, {
    ...properties,
    ...given({ description: changed.description, displayName: changed.display_name, isEnabled: changed.is_enabled, tags: changed.tags }),
    trigger: {
      triggerType: String(type).toLowerCase() === 'cron' ? 'Cron' : 'Recurrence',
      ...camelKeys(times),
    } as Schedule['properties']['trigger'],
  });
  return { value: scheduleShape(made as ArmResource), text: () => `Changed ${made.name}. ${whatNext(made)}` };
}
