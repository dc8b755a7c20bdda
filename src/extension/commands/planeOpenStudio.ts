import { env, Uri } from 'vscode';
import type { Command } from './command.ts';

/** The same pages in the browser. */
export const planeOpenStudio: Command = {
  id: 'updraft.plane.openStudio',
  async run(app) {
    await app.plane.client();
    const { url, token } = app.plane.connection!;
    await env.openExternal(
      Uri.parse(`${url}/studio/?token=${token}${app.current.isHere ? '' : `&workspace=${app.current.place.workspace}`}`),
    );
  },
};
