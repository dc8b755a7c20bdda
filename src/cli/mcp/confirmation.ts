import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Question } from '../../tools/tool.ts';

const key = 'confirm';

/**
 * What a person says to a change, asked through the agent's program: the question while it was not asked yet. Programs that can't ask are trusted to have their own question for tools that are not
 * read-only, as the protocol wants.
 */
export function confirmation(
  { mcpReq: { envelope, inputResponses } }: ServerContext,
  atStart: ClientCapabilities | undefined,
  { title, message }: Question,
): InputRequiredResult | 'yes' | 'no' {
  const withRequest = (envelope as Record<string, ClientCapabilities | undefined> | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  const { elicitation } = withRequest ?? atStart ?? {};
  // Without a word on it a program shows forms; some show addresses alone.
  if (!elicitation || (elicitation.url && !elicitation.form)) return 'yes';
  const answered = inputResponse(inputResponses, key);
  if (answered.kind === 'elicit') return answered.action === 'accept' ? 'yes' : 'no';
  return inputRequired({
    inputRequests: {
      [key]: inputRequired.elicit({ message: `${title}: ${message}`, requestedSchema: { type: 'object', properties: {} } }),
    },
  });
}
