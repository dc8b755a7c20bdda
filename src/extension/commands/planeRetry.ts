import type { PlaneNode } from '../views/workspacesTree.ts';
import type { Command } from './command.ts';

/** Connects again, starting the control plane where it does not run, and reads every view anew. */
export const planeRetry: Command = {
  id: 'updraft.plane.retry',
  async run(app, argument) {
    const node = argument as PlaneNode | undefined;
    if (node?.kind === 'plane' && node.shared) node.shared.retry();
    if (node?.kind === 'plane' && node.shared?.url !== app.current.place.plane) return;
    app.plane.retryNow();
    await app.plane.client();
    app.jobs.reload();
    for (const state of Object.values(app.assets)) state.reload();
  },
};
