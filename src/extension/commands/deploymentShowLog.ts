import type { Command } from './command.ts';
import { deploymentArgument } from './deploymentArgument.ts';

/** Lines that are shown. */
const lines = 2000;

/** What was written while a deployment was made ready, and by its servers. */
export const deploymentShowLog: Command = {
  id: 'updraft.deployment.showLog',
  async run(app, argument) {
    const { endpoint, deployment } = await deploymentArgument(app, argument, 'Show the log of a deployment');
    const client = await app.plane.client();
    const path = ['onlineEndpoints', endpoint, 'deployments', deployment];
    const { content } = await client.actOnResource<{ content: string }>(path, 'getLogs', { tail: lines });
    await app.texts.show(`${endpoint}/${deployment}.log`, content || `${deployment} has written nothing yet.\n`);
  },
};
