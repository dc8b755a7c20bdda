import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import { pageOfLink } from '../../protocol/pageLink.ts';
import type { Command } from './command.ts';
import { openRuns } from './runsOpen.ts';

/**
 * Opens what a link shows, such as `vscode://updraft.updraft/runs/digits?filter=…` that a colleague sent. A link only ever shows a page: it starts, changes and
 * sends nothing. Not in the palette.
 */
export const pageOpenLink: Command = {
  id: 'updraft.page.openLink',
  async run(app, path, query) {
    const address = pageOfLink(String(path), String(query));
    if (address.page === 'runs') return openRuns(app, address.name, address);
    const client = await app.plane.client();
    if (address.page === 'model') return app.panels.open(address, `${(await client.getContainer('models', address.name)).name}`);
    const job = await client.getJob(address.name).catch((error: unknown) => {
      if (error instanceof UserError && error.code === 'NotFound')
        throw new UserError('NotFound', `This control plane has no job "${address.name}".`, 'Was the link made on another machine?');
      throw error;
    });
    app.panels.open(address, titleOf(job));
  },
};
