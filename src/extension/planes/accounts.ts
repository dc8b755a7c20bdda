import {
  type AuthenticationProvider,
  type AuthenticationProviderAuthenticationSessionsChangeEvent,
  type AuthenticationSession,
  authentication,
  commands,
  Disposable,
  EventEmitter,
} from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { PlaneSession } from '../../protocol/planeSession.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import type { Sessions } from '../state/planes/sessions.ts';

/** As the package names it. */
const providerId = 'updraft';

/** Shows in the Accounts menu of VS Code who is signed in to which shared plane, one account a plane, and signs out there. A scope is the address of a plane. */
class Accounts implements AuthenticationProvider {
  private readonly changes = new EventEmitter<AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly onDidChangeSessions = this.changes.event;
  private readonly known: KnownPlanes;
  private readonly sessions: Sessions;
  private readonly subscription: { dispose(): void };

  constructor(known: KnownPlanes, sessions: Sessions) {
    this.known = known;
    this.sessions = sessions;
    this.subscription = sessions.onDidChange(({ added, removed }) =>
      this.changes.fire({ added: added.map((each) => this.shown(each)), removed: removed.map((each) => this.shown(each)), changed: [] }),
    );
  }

  async getSessions(scopes?: readonly string[]): Promise<AuthenticationSession[]> {
    const all = await this.sessions.all();
    return all.filter(({ plane }) => !scopes?.length || scopes.includes(plane)).map((each) => this.shown(each));
  }

  async createSession([url]: readonly string[]): Promise<AuthenticationSession> {
    const plane = this.known.find(url);
    if (!plane)
      throw new UserError('InvalidArgument', 'Say which plane to sign in to by its address.', 'Add it first: "Updraft: Add a Plane…".');
    const { signIn } = await import('./signIn.ts');
    const session = await signIn(this.sessions, plane);
    if (!session) throw Object.assign(new Error('Canceled'), { name: 'Canceled' });
    return this.shown(session);
  }

  async removeSession(id: string): Promise<void> {
    const session = (await this.sessions.all()).find((each) => each.id === id);
    if (session) await (await import('./signOut.ts')).signOut(this.sessions, session);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  private shown({ id, plane, member, token }: PlaneSession): AuthenticationSession {
    return {
      id,
      accessToken: token,
      account: { id: `${plane} ${member.id}`, label: `${member.name} (${this.known.nameOf(plane)})` },
      scopes: [plane],
    };
  }
}

/** Has accounts from when there is a shared plane: before, nobody's secrets are read. */
export function accounts(known: KnownPlanes, sessions: Sessions, onError: (error: unknown) => void): Disposable {
  const provider = new Accounts(known, sessions);
  let registered: Disposable | undefined;
  const register = () => {
    commands.executeCommand('setContext', 'updraft.hasPlanes', known.all.length > 0).then(undefined, onError);
    if (!registered && known.all.length > 0)
      registered = authentication.registerAuthenticationProvider(providerId, 'Updraft', provider, { supportsMultipleAccounts: true });
  };
  const subscription = known.onDidChange(register);
  register();
  return new Disposable(() => {
    subscription.dispose();
    registered?.dispose();
    provider.dispose();
  });
}
