import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Header of a request that an agent makes for the owner of the plane: the name of its program, percent-encoded. */
export const agentHeader = 'x-updraft-agent';
/** Header of an agent's request that changes something: the id of the call that it belongs to. */
export const agentCallHeader = 'x-updraft-agent-call';

/** Most characters of an agent's name. */
export const mostAgentName = 100;
/** Most characters that are kept of what a call was given, and of what it answered. */
export const mostCallText = 4000;

/** `POST /updraft/agent-calls`: an agent is about to call a tool that changes something. `input` is what it gives to the tool, as JSON. */
export const NewAgentCall = Type.Object({ tool: Type.String({ minLength: 1, maxLength: 100 }), input: Type.String() });
export type NewAgentCall = Static<typeof NewAgentCall>;

/** `POST /updraft/agent-calls/{id}/end`: what became of it. */
export const AgentCallEnd = Type.Object({ result: Type.String(), isError: Type.Boolean() });
export type AgentCallEnd = Static<typeof AgentCallEnd>;

/** A call of a tool that changes something, as the plane has recorded it: by whom, for whom, what and when. */
export const AgentCall = Type.Object({
  id: Type.String(),
  agent: Type.String(),
  /** Whose agent it is. */
  user: Type.String(),
  tool: Type.String(),
  /** JSON, cut where it is long. */
  input: Type.String(),
  /** ISO-8601. */
  startedAt: Type.String(),
  /** Absent while it runs, and where the agent was gone before its end. */
  endedAt: Type.Optional(Type.String()),
  result: Type.Optional(Type.String()),
  isError: Type.Optional(Type.Boolean()),
});
export type AgentCall = Static<typeof AgentCall>;
