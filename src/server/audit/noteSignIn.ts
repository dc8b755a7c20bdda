import type { Context } from 'hono';
import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { PlaneServices } from '../services.ts';
import { fromOf } from './audited.ts';

/** Notes that a member has shown who it is, before it gets what opens the plane. What was refused is noted as every refusal is. */
export async function noteSignIn(
  c: Context,
  { audit, clock }: PlaneServices,
  { kind, id, name, token }: Pick<MemberPrincipal, 'kind' | 'id' | 'name' | 'token'>,
) {
  await audit?.append({
    at: new Date(clock.now()).toISOString(),
    who: { kind, id, name, token },
    action: 'Updraft/signIn',
    method: c.req.method,
    path: c.req.path,
    ...fromOf(c),
    outcome: 'done',
    status: 200,
  });
}
