import type { AgentCall } from '../../protocol/agentCall.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, text, whole } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';

const mostCell = 80;

/** What agents changed, the newest first. */
export async function listAgentCalls(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const agent = text(parsed, 'agent');
  const value = await client.listAgentCalls({ limit: whole(parsed, 'max-results') ?? 50, ...(agent ? { agent } : {}) });
  return {
    value,
    text: () =>
      tableOf(
        ['WHEN', 'AGENT', 'FOR', 'TOOL', 'INPUT', 'RESULT'],
        value.map((call) => [timeOf(call.startedAt), call.agent, call.user, call.tool, cell(call.input), cell(resultOf(call))]),
        'No agent has changed anything.',
      ),
  };
}

const resultOf = ({ endedAt, isError, result = '' }: AgentCall): string =>
  endedAt === undefined ? '(no end)' : `${isError ? 'failed: ' : ''}${result}`;

/** On one line, without what a terminal would obey. */
function cell(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return plain.length > mostCell ? `${plain.slice(0, mostCell - 1)}…` : plain;
}
