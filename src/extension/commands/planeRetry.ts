import type { Command } from './command.ts';

/** Connects again, starting the control plane where it does not run, and reads every view anew. */
export const planeRetry: Command = {
  id: 'updraft.plane.retry',
  async run(app) {
    app.plane.retryNow();
    await app.plane.client();
    app.jobs.reload();
    for (const state of Object.values(app.assets)) state.reload();
  },
};
