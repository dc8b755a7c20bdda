import type { Command } from './command.ts';

export const planeShowLog: Command = {
  id: 'updraft.plane.showLog',
  run: (app) => app.log.show(),
};
