import type { App, Command } from './command.ts';
import { scheduleArgument } from './scheduleArgument.ts';

export const scheduleEnable: Command = {
  id: 'updraft.schedule.enable',
  run: (app, argument) => turn(app, argument, true),
};

export const scheduleDisable: Command = {
  id: 'updraft.schedule.disable',
  run: (app, argument) => turn(app, argument, false),
};

/** Lets a schedule start its job again, or keeps it from that. */
async function turn(app: App, argument: unknown, isEnabled: boolean): Promise<void> {
  const prompt = isEnabled ? 'Enable a schedule' : 'Disable a schedule';
  const { name, properties } = await scheduleArgument(app, argument, prompt, (each) => (each.properties.isEnabled !== false) !== isEnabled);
  await (await app.plane.client()).putSchedule(name, { ...properties, isEnabled });
}
