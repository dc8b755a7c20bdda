import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';
import { planeArgument } from './planeArgument.ts';

export const planeSignIn: Command = {
  id: 'updraft.plane.signIn',
  run: async (app, argument) => signInTo(app, await planeArgument(app, argument, 'Sign in to which plane?')),
};

export const planeSignOut: Command = {
  id: 'updraft.plane.signOut',
  async run(app, argument) {
    const session = await app.sessions.of(await planeArgument(app, argument, 'Sign out of which plane?'));
    if (session) await (await import('../planes/signOut.ts')).signOut(app.sessions, session);
  },
};

export async function signInTo(app: App, url: string): Promise<void> {
  const { signIn } = await import('../planes/signIn.ts');
  await signIn(app.sessions, app.known.find(url) ?? { url, name: app.known.nameOf(url) });
  if (!(await app.sessions.of(url))) cancelled();
}
