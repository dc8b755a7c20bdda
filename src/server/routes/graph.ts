import { type Context, Hono } from 'hono';
import * as Type from 'typebox';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import type { PlaneServices } from '../services.ts';
import type { Member } from '../team/records.ts';
import { jsonBody } from './arm/request.ts';

const Ids = Type.Object({ ids: Type.Array(Type.String(), { maxItems: 1000 }) });

/** As much of Microsoft Graph as `az role assignment` asks: people and programs by their names, and both by their object ids. */
export function graphRoutes({ team }: PlaneServices): Hono {
  /** Those whose property is as the filter says; all without a filter. */
  const filtered = (c: Context, kind: Member['kind'], names: Record<string, (member: Member) => string>) => {
    const filter = c.req.query('$filter');
    const equals = filter === undefined ? [] : [...filter.matchAll(/([\w/]+)\s+eq\s+'((?:[^']|'')*)'/gi)];
    if (filter !== undefined && equals.length === 0) return [];
    return (team?.members ?? []).filter(
      (member) =>
        member.kind === kind &&
        (filter === undefined ||
          equals.some(([, name = '', value = '']) => names[name]?.(member).toLowerCase() === value.replaceAll("''", "'").toLowerCase())),
    );
  };
  return new Hono()
    .get('/v1.0/users', (c) => {
      const found = filtered(c, 'user', {
        userPrincipalName: ({ name }) => name,
        mail: ({ name }) => name,
        id: ({ id }) => id,
        displayName: ({ displayName }) => displayName,
      });
      return c.json({ value: found.map(show) });
    })
    .get('/v1.0/servicePrincipals', (c) => {
      // A program is asked for by all that it may be called; another filter of Azure's is on properties that there are none of here.
      if (/\/any\(/i.test(c.req.query('$filter') ?? '')) {
        const wanted = /'((?:[^']|'')*)'/.exec(c.req.query('$filter')!)?.[1]?.toLowerCase();
        return c.json({
          value: (team?.members ?? [])
            .filter(({ kind, id, name }) => kind === 'service' && [id, name.toLowerCase()].includes(wanted ?? ''))
            .map(show),
        });
      }
      const found = filtered(c, 'service', { appId: ({ id }) => id, id: ({ id }) => id, displayName: ({ name }) => name });
      return c.json({ value: found.map(show) });
    })
    .post('/v1.0/directoryObjects/getByIds', async (c) => {
      if (!team) throw new UserError('NotFound', "This control plane is one person's, and has no team.");
      const { ids } = check(Ids, await jsonBody(c), 'The ids');
      return c.json({ value: ids.flatMap((id) => team.member(id) ?? []).map(show) });
    });
}

const show = ({ id, kind, name, displayName }: Member) =>
  kind === 'group'
    ? { '@odata.type': '#microsoft.graph.group', id, displayName, mail: null }
    : kind === 'user'
      ? { '@odata.type': '#microsoft.graph.user', id, userPrincipalName: name, mail: name, displayName }
      : {
          '@odata.type': '#microsoft.graph.servicePrincipal',
          id,
          appId: id,
          displayName: name,
          servicePrincipalNames: [id, name],
          servicePrincipalType: 'Application',
        };
