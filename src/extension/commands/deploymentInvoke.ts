import type { Command } from './command.ts';
import { deploymentArgument } from './deploymentArgument.ts';

/** Opens the page from which requests are sent to a deployment. */
export const deploymentInvoke: Command = {
  id: 'updraft.deployment.invoke',
  async run(app, argument) {
    const { endpoint, deployment } = await deploymentArgument(app, argument, 'Call a deployment');
    app.panels.open({ page: 'endpoint', name: endpoint, state: { deployment } }, endpoint);
  },
};
