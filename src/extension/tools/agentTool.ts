import {
  type CancellationToken,
  env,
  LanguageModelTextPart,
  type LanguageModelTool,
  type LanguageModelToolInvocationOptions,
  type LanguageModelToolInvocationPrepareOptions,
  LanguageModelToolResult,
  type PreparedToolInvocation,
} from 'vscode';
import { PlaneClient } from '../../client/planeClient.ts';
import type { Tool } from '../../tools/tool.ts';
import { requireTrust } from '../commands/arguments.ts';
import { saveFilesOfJobs } from '../editor/saveFilesOfJobs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { fileOfWorkspace } from './fileOfWorkspace.ts';

/** One of our tools, for VS Code's own agents. What it does is loaded when it is first called. */
export class AgentTool implements LanguageModelTool<object> {
  private readonly name: string;
  private readonly plane: PlaneConnection;

  constructor(name: string, plane: PlaneConnection) {
    this.name = name;
    this.plane = plane;
  }

  /** A tool that changes something asks first. */
  async prepareInvocation({ input }: LanguageModelToolInvocationPrepareOptions<object>): Promise<PreparedToolInvocation> {
    const { tool, inputOf } = await this.load();
    const invocationMessage = `Updraft: ${tool.title}`;
    if (!tool.changes) return { invocationMessage };
    // Throws for what is no input of this tool, so that nobody is asked about it.
    return { invocationMessage, confirmationMessages: tool.changes.question(inputOf(tool, input), { pathOf: fileOfWorkspace }) };
  }

  async invoke({ input }: LanguageModelToolInvocationOptions<object>, token: CancellationToken): Promise<LanguageModelToolResult> {
    const { tool, runTool } = await this.load();
    if (tool.startsFile) {
      requireTrust(tool.title);
      await saveFilesOfJobs();
    }
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort());
    try {
      const { text, isError } = await runTool(tool, input, {
        client: (call) => this.client(call),
        pathOf: fileOfWorkspace,
        signal: abort.signal,
      });
      // The message of an error is what the model reads.
      if (isError) throw new Error(text);
      return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
    } finally {
      subscription.dispose();
    }
  }

  /** In the name of the editor, which does not say which of its models calls. */
  private async client(call: string | undefined): Promise<PlaneClient> {
    const { workspace } = await this.plane.client();
    return new PlaneClient({ ...this.plane.connection!, agent: { name: env.appName, ...(call ? { call } : {}) } }, workspace);
  }

  private async load() {
    const [{ allTools }, { inputOf, runTool }] = await Promise.all([import('../../tools/allTools.ts'), import('../../tools/runTool.ts')]);
    const tool: Tool = allTools.find(({ name }) => name === this.name)!;
    return { tool, inputOf, runTool };
  }
}
