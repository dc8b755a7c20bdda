import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { assetOfPage } from '../../protocol/assetPage.ts';
import { titleOf } from '../../protocol/job.ts';
import { pageOfLink } from '../../protocol/pageLink.ts';
import { isSamePlace, type Place, placeInLink } from '../state/planes/place.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';
import { planeAdd } from './planeAdd.ts';
import { signInTo } from './planeSignIn.ts';
import { openRuns } from './runsOpen.ts';

/**
 * Opens what a link shows, such as `vscode://updraft.updraft/runs/digits?filter=…` that a colleague sent. A link only ever shows a page: it starts, changes and
 * sends nothing. Before it leads to another plane or workspace, the person is asked. Not in the palette.
 */
export const pageOpenLink: Command = {
  id: 'updraft.page.openLink',
  async run(app, path, query) {
    const { place, rest } = placeInLink(String(query));
    const address = pageOfLink(String(path), rest);
    if (place) await goTo(app, place, address.name);
    if (address.page === 'runs') return openRuns(app, address.name, address);
    const client = await app.plane.client();
    const kind = address.page === 'model' ? 'models' : assetOfPage(address.page);
    if (kind) {
      const within = address.registry === undefined ? client : client.inRegistry(address.registry);
      return app.panels.open(address, (await within.getContainer(kind, address.name)).name);
    }
    const job = await client.getJob(address.name).catch((error: unknown) => {
      if (!(error instanceof UserError && error.code === 'NotFound')) throw error;
      if (!place)
        throw new UserError('NotFound', `This control plane has no job "${address.name}".`, 'Was the link made on another machine?');
      throw new UserError(
        'NotFound',
        `The workspace "${place.workspace}" of ${app.known.nameOf(place.plane!)} has no job "${address.name}".`,
        'It may have been deleted: ask who sent the link.',
      );
    });
    app.panels.open(address, titleOf(job));
  },
};

/** Makes the place of a link the current one, after a question. What the person lacks for it is asked for, one after the other. */
async function goTo(app: App, place: Place, what: string): Promise<void> {
  const url = place.plane!;
  if (!app.known.find(url)) {
    const detail = `It is about "${what}" in the workspace "${place.workspace}". Add this plane only if you know who runs it: you will be asked to sign in.`;
    await agree(`The link leads to the control plane ${url}, which you have not added.`, 'Add the Plane', detail);
    await planeAdd.run(app, url, place);
    return;
  }
  if (!(await app.sessions.of(url))) await signInTo(app, url);
  if (isSamePlace(place, app.current.place)) return;
  const question = `The link leads to the workspace "${place.workspace}" of ${app.known.nameOf(url)}.`;
  await agree(question, 'Switch and Open', 'All views of this window follow it.');
  await app.current.use(place);
}

async function agree(question: string, action: string, detail: string): Promise<void> {
  if ((await window.showInformationMessage(question, { modal: true, detail }, action)) !== action) cancelled();
}
