import {
  type CancellationToken,
  type LanguageModelChatInformation,
  type LanguageModelChatProvider,
  type LanguageModelChatRequestMessage,
  LanguageModelError,
  type LanguageModelResponsePart,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  type Progress,
  type ProvideLanguageModelChatResponseOptions,
} from 'vscode';
import { messageOf, UserError } from '../../base/userError.ts';
import { chatStream } from '../../client/chatStream.ts';
import { check } from '../../protocol/check.ts';
import { OpenAiModels, TokensAnswer } from '../../protocol/openAi.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { chatMessages, toolsOf } from './chatMessages.ts';
import { messageText } from './messageText.ts';
import { ToolCalls } from './toolCalls.ts';

/** Tokens of the context that are left to the answer, where a model has room for them. */
const answerTokens = 2048;
/** Where a file does not tell: as the plane loads it. */
const usualContext = 8192;

/** The language models of this machine, and of servers that it knows, in VS Code's own chat. The plane is asked when VS Code asks, and never before. */
export class LocalModels implements LanguageModelChatProvider {
  private readonly plane: PlaneConnection;

  constructor(plane: PlaneConnection) {
    this.plane = plane;
  }

  async provideLanguageModelChatInformation(): Promise<LanguageModelChatInformation[]> {
    const { http } = await this.plane.client();
    const { data } = check(OpenAiModels, await http.json('GET', '/v1/models'), 'The list of models');
    const chats = data.filter(({ has_chat_template: can = true }) => can);
    return chats.map(({ id, owned_by, context_length, host }) => {
      const context = Math.min(context_length ?? usualContext, usualContext);
      const maxOutputTokens = Math.min(answerTokens, Math.floor(context / 2));
      return {
        id,
        name: id.slice(id.lastIndexOf('/') + 1).replace(/\.gguf$/i, ''),
        family: 'local',
        version: '1',
        detail: host ?? 'this machine',
        tooltip: `${id}, from ${owned_by}. ${host ? `What it is asked is sent to ${host}.` : 'It runs on this machine: nothing is sent to anyone.'}`,
        maxInputTokens: context - maxOutputTokens,
        maxOutputTokens,
        capabilities: { toolCalling: true },
      };
    });
  }

  async provideLanguageModelChatResponse(
    { id }: LanguageModelChatInformation,
    messages: readonly LanguageModelChatRequestMessage[],
    { tools = [], toolMode, modelOptions = {} }: ProvideLanguageModelChatResponseOptions,
    progress: Progress<LanguageModelResponsePart>,
    token: CancellationToken,
  ): Promise<void> {
    const abort = abortOf(token);
    try {
      const { http } = await this.plane.client();
      const body = { ...modelOptions, model: id, messages: chatMessages(messages), ...toolsOf(tools, toolMode) };
      const calls = new ToolCalls();
      for await (const { choices } of chatStream(http, body, abort.signal)) {
        const { content, tool_calls = [] } = choices[0]?.delta ?? {};
        if (content) progress.report(new LanguageModelTextPart(content));
        calls.add(tool_calls);
      }
      for (const { id: call, name, input } of calls.all()) progress.report(new LanguageModelToolCallPart(call, name, input));
    } catch (error) {
      if (!abort.signal.aborted) throw asChatError(error);
    } finally {
      abort.dispose();
    }
  }

  async provideTokenCount(
    { id }: LanguageModelChatInformation,
    text: string | LanguageModelChatRequestMessage,
    token: CancellationToken,
  ): Promise<number> {
    const abort = abortOf(token);
    try {
      const { http } = await this.plane.client();
      const body = { model: id, text: typeof text === 'string' ? text : messageText(text) };
      return check(TokensAnswer, await http.json('POST', '/updraft/tokens', body, abort.signal), 'The count of tokens').tokens;
    } finally {
      abort.dispose();
    }
  }
}

/** What went wrong, in words that the chat shows. */
const asChatError = (error: unknown): Error =>
  error instanceof UserError && error.code === 'NotFound' ? LanguageModelError.NotFound(messageOf(error)) : new Error(messageOf(error));

function abortOf(token: CancellationToken): { signal: AbortSignal; dispose(): void } {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  const subscription = token.onCancellationRequested(() => abort.abort());
  return { signal: abort.signal, dispose: () => subscription.dispose() };
}
