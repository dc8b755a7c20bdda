import { confirm } from './arguments.ts';
import type { Command } from './command.ts';

export const planeRestart: Command = {
  id: 'updraft.plane.restart',
  async run(app) {
    await confirm('Restart the control plane?', 'Restart', 'Running jobs go on. All windows of this machine connect again by themselves.');
    await (await app.plane.client()).stop();
  },
};
