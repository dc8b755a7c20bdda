import { messageOf } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { check } from '../protocol/check.ts';
import type { Tool, ToolWork } from './tool.ts';

/** Most characters of an answer: a model has to read all of it. */
const mostText = 30_000;

/** Where a tool is called from. */
export interface ToolHost extends Pick<ToolWork, 'pathOf' | 'signal'> {
  /** A client that acts in the name of the agent, for a call that the plane has recorded where it changes something. The plane is started when it is not up. */
  client(call?: string): Promise<PlaneClient>;
}

export interface ToolAnswer {
  text: string;
  isError: boolean;
}

/** Runs a tool with what a model has given it, and answers with a text in any case. Of a tool that changes something the plane records the call before it does anything. */
export async function runTool(tool: Tool, given: unknown, host: ToolHost): Promise<ToolAnswer> {
  try {
    const input = inputOf(tool, given);
    const client = await host.client();
    if (!tool.changes) return await answerOf(tool, input, client, host);
    const { id } = await client.beginAgentCall({ tool: tool.name, input: JSON.stringify(input) });
    const answer = await answerOf(tool, input, await host.client(id), host);
    // What was done is done, also where its end can't be recorded: the record then says that it has none.
    await client.endAgentCall(id, { result: answer.text, isError: answer.isError }).catch(() => {});
    return answer;
  } catch (error) {
    return failed(error);
  }
}

async function answerOf(tool: Tool, input: unknown, client: PlaneClient, { pathOf, signal }: ToolHost): Promise<ToolAnswer> {
  try {
    return { text: bounded(await tool.run(input, { client, pathOf, signal })), isError: false };
  } catch (error) {
    return failed(error);
  }
}

/** What a tool is given, checked. Throws `InvalidRequest`. */
export const inputOf = (tool: Tool, given: unknown): any => check(tool.schema, given ?? {}, `The input of ${tool.name}`);

const failed = (error: unknown): ToolAnswer => ({ text: bounded(messageOf(error)), isError: true });

const bounded = (text: string): string =>
  text.length <= mostText ? text : `${text.slice(0, mostText)}\n(The answer was cut here, after ${mostText} characters. Ask for less.)`;
