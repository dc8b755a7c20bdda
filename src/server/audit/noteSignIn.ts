import type { Context } from 'hono';
import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { PlaneServices } from '../services.ts';
import { fromOf } from './audited.ts';

type Who = Pick<MemberPrincipal, 'kind' | 'id' | 'name'> & { token?: string };

/** Notes that a member has shown who it is, before it gets what opens the plane. What was refused is noted as every refusal is. */
export const noteSignIn = (c: Context, services: PlaneServices, { kind, id, name, token }: Who): Promise<void> =>
  note(c, services, { kind, id, name, ...(token === undefined ? {} : { token }) }, 'Updraft/signIn');

/** Notes that the identity provider has ended what a member had got by signing in. */
export const noteSignOut = (c: Context, services: PlaneServices, { id, name }: Pick<MemberPrincipal, 'id' | 'name'>): Promise<void> =>
  note(c, services, { kind: 'user', id, name }, 'Updraft/signOut');

async function note(c: Context, { audit, clock }: PlaneServices, who: Who, action: string): Promise<void> {
  await audit?.append({
    at: new Date(clock.now()).toISOString(),
    who,
    action,
    method: c.req.method,
    path: c.req.path,
    ...fromOf(c),
    outcome: 'done',
    status: 200,
  });
}
