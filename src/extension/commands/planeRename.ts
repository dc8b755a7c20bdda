import { machinePlace } from '../state/planes/place.ts';
import { ask, confirm } from './arguments.ts';
import type { Command } from './command.ts';
import { planeArgument } from './planeArgument.ts';

export const planeRename: Command = {
  id: 'updraft.plane.rename',
  async run(app, argument) {
    const url = await planeArgument(app, argument, 'Rename which plane?');
    const name = await ask('Rename the Plane', {
      value: app.known.nameOf(url),
      prompt: `What you call ${url}`,
      check: (text) => (text.trim() === '' ? 'A name has at least one letter.' : undefined),
    });
    await app.known.put({ url, name: name.trim() });
  },
};

/** Forgets a plane, and who is signed in to it. Nothing on it changes. */
export const planeRemove: Command = {
  id: 'updraft.plane.remove',
  async run(app, argument) {
    const url = await planeArgument(app, argument, 'Remove which plane?');
    const name = app.known.nameOf(url);
    await confirm(`Remove ${name} from VS Code?`, 'Remove', 'You are signed out. Jobs and models on it stay.');
    // First of all, so that nothing asks to sign in again.
    if (app.current.place.plane === url) await app.current.use(machinePlace);
    const session = await app.sessions.of(url);
    if (session) await (await import('../planes/signOut.ts')).signOut(app.sessions, session);
    await app.known.remove(url);
  },
};
