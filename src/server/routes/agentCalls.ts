import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { shortened } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { type AgentCall, AgentCallEnd, mostCallText, NewAgentCall } from '../../protocol/agentCall.ts';
import { check } from '../../protocol/check.ts';
import type { AgentPrincipal } from '../../protocol/principal.ts';
import { jsonBody } from './arm/request.ts';

const mostListed = 1000;

/** The record of what agents changed: each call of a tool is written down before it does anything, and its end after. */
export function agentCallRoutes(): Hono {
  return new Hono()
    .post('/updraft/agent-calls', async (c) => {
      const { tool, input } = check(NewAgentCall, await jsonBody(c), 'The call of an agent');
      const { agent, name: user } = agentOf(c);
      const now = Date.now();
      const call: AgentCall = {
        id: randomUUID(),
        agent,
        user,
        tool,
        input: shortened(input, mostCallText),
        startedAt: new Date(now).toISOString(),
      };
      await c
        .get('asked')
        .store.write((writer) => writer.entities.put({ kind: 'agentCall', id: call.id, scope: agent, at: now, body: call }));
      return c.json(call, 201);
    })
    .post('/updraft/agent-calls/:id/end', async (c) => {
      const { result, isError } = check(AgentCallEnd, await jsonBody(c), 'The end of a call');
      const { agent } = agentOf(c);
      const id = c.req.param('id');
      const call = await c.get('asked').store.write(async (writer) => {
        const found = await writer.entities.get('agentCall', id);
        if (!found || found.scope !== agent || found.body.endedAt !== undefined)
          throw new UserError('NotFound', `There is no call "${id.slice(0, 100)}" of this agent that has not ended.`);
        const ended = { ...found.body, endedAt: new Date().toISOString(), result: shortened(result, mostCallText), isError };
        await writer.entities.put({ ...found, body: ended });
        return ended;
      });
      return c.json(call);
    })
    .get('/updraft/agent-calls', async (c) => {
      const number = (name: string, usual: number) => {
        const value = Number(c.req.query(name) ?? usual);
        if (!Number.isSafeInteger(value) || value < 0) throw new UserError('InvalidRequest', `${name} must be a whole number.`);
        return value;
      };
      const limit = Math.min(number('limit', 100), mostListed);
      const found = await c.get('asked').store.entities.list('agentCall', c.req.query('agent'), number('offset', 0), limit);
      return c.json({ value: found.map(({ body }) => body as AgentCall) });
    });
}

function agentOf(c: Context): AgentPrincipal {
  const { principal } = c.get('asked');
  if (principal.kind !== 'agent') throw new UserError('InvalidRequest', 'Only an agent has calls of tools: the request names none.');
  return principal;
}
