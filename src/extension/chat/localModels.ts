import {
  type CancellationToken,
  EventEmitter,
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
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { chatStream } from '../../client/chatStream.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import { check } from '../../protocol/check.ts';
import { type OpenAiModel, OpenAiModels, TokensAnswer } from '../../protocol/openAi.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { chatMessages, toolsOf } from './chatMessages.ts';
import { messageText } from './messageText.ts';
import { ToolCalls } from './toolCalls.ts';

/** Tokens of the context that are left to the answer, where a model has room for them. */
const answerTokens = 2048;
/** Where a file does not tell: as the plane loads it. */
const usualContext = 8192;
/** Milliseconds in which changes are gathered. */
const restMs = 500;

/** The language models of this machine, and of servers that it knows, in VS Code's own chat. The plane is asked when VS Code asks, and never before. */
export class LocalModels implements LanguageModelChatProvider, Disposable {
  private readonly plane: PlaneConnection;
  private readonly changes = new EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private telling: NodeJS.Timeout | undefined;

  constructor(plane: PlaneConnection) {
    this.plane = plane;
    const concerning: readonly ChangeKind[] = ['model', 'localModel', 'connection'];
    this.subscriptions.add(plane.onDidChange(({ kind }) => concerning.includes(kind) && this.tellSoon()));
    this.subscriptions.add(plane.onDidReset(() => this.tellSoon()));
  }

  dispose(): void {
    clearTimeout(this.telling);
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  /** Several changes at once are told as one: VS Code asks for the whole list after each. */
  private tellSoon(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.changes.fire();
    }, restMs);
  }

  async provideLanguageModelChatInformation(): Promise<LanguageModelChatInformation[]> {
    const { http } = await this.plane.client();
    const { data } = check(OpenAiModels, await http.json('GET', '/v1/models'), 'The list of models');
    const chats = data.filter(({ has_chat_template: can = true }) => can);
    return chats.map((model) => {
      const { id, context_length } = model;
      const context = Math.min(context_length ?? usualContext, usualContext);
      const maxOutputTokens = Math.min(answerTokens, Math.floor(context / 2));
      return {
        id,
        name: id.slice(id.lastIndexOf('/') + 1).replace(/\.gguf$/i, ''),
        family: 'local',
        version: '1',
        ...wordsOf(model),
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

/** What is said of a model beside its name. */
function wordsOf({ id, owned_by, host, adapter_of, problem }: OpenAiModel): { detail: string; tooltip: string } {
  const what = adapter_of ? `${id}, an adapter of ${adapter_of}.` : `${id}, from ${owned_by}.`;
  if (problem) return { detail: 'does not run here', tooltip: `${what} It does not run here. ${problem}` };
  const where = host ? `What it is asked is sent to ${host}.` : 'It runs on this machine: nothing is sent to anyone.';
  return { detail: adapter_of ? `adapter of ${adapter_of}` : (host ?? 'this machine'), tooltip: `${what} ${where}` };
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
