import { messageOf } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { check } from '../protocol/check.ts';
import type { Tool, ToolWork } from './tool.ts';

/** Most characters of an answer: a model has to read all of it. */
const mostText = 30_000;

/** Where a tool is called from. */
export interface ToolHost extends Pick<ToolWork, 'pathOf' | 'signal'> {
  /** A client that acts in the name of the agent. The plane is started when it is not up. */
  client(): Promise<PlaneClient>;
}

export interface ToolAnswer {
  text: string;
  isError: boolean;
}

/** Runs a tool with what a model has given it, and answers with a text in any case. */
export async function runTool(tool: Tool, given: unknown, host: ToolHost): Promise<ToolAnswer> {
  try {
    const input = inputOf(tool, given);
    const client = await host.client();
    const text = await tool.run(input, { client, pathOf: host.pathOf, signal: host.signal });
    return { text: bounded(text), isError: false };
  } catch (error) {
    return { text: bounded(messageOf(error)), isError: true };
  }
}

/** What a tool is given, checked. Throws `InvalidRequest`. */
export const inputOf = (tool: Tool, given: unknown): any => check(tool.schema, given ?? {}, `The input of ${tool.name}`);

const bounded = (text: string): string =>
  text.length <= mostText ? text : `${text.slice(0, mostText)}\n(The answer was cut here, after ${mostText} characters. Ask for less.)`;
