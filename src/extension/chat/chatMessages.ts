import {
  LanguageModelChatMessageRole,
  type LanguageModelChatRequestMessage,
  type LanguageModelChatTool,
  LanguageModelChatToolMode,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
} from 'vscode';
import { resultText } from './messageText.ts';

interface ChatMessage {
  role: 'user' | 'assistant' | 'tool';
  content: string;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Messages of VS Code's chat as OpenAI's API has them. A message with answers of tools becomes one for each; pictures, which no model here sees, are left out. */
export function chatMessages(messages: readonly LanguageModelChatRequestMessage[]): ChatMessage[] {
  return messages.flatMap(({ role, content }): ChatMessage[] => {
    const text = content.map((part) => (part instanceof LanguageModelTextPart ? part.value : '')).join('');
    if (role === LanguageModelChatMessageRole.Assistant) {
      const calls = content.filter((part) => part instanceof LanguageModelToolCallPart);
      const called = calls.map(({ callId, name, input }) => ({
        id: callId,
        type: 'function' as const,
        function: { name, arguments: JSON.stringify(input) },
      }));
      return [{ role: 'assistant', content: text, ...(called.length ? { tool_calls: called } : {}) }];
    }
    const results = content.filter((part) => part instanceof LanguageModelToolResultPart);
    return [
      ...results.map((part): ChatMessage => ({ role: 'tool', tool_call_id: part.callId, content: resultText(part) })),
      ...(text || results.length === 0 ? [{ role: 'user' as const, content: text }] : []),
    ];
  });
}

/** The tools that a model may call, as OpenAI's API has them. */
export function toolsOf(tools: readonly LanguageModelChatTool[], mode: LanguageModelChatToolMode): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, ...(inputSchema ? { parameters: inputSchema } : {}) },
    })),
    tool_choice: mode === LanguageModelChatToolMode.Required ? 'required' : 'auto',
  };
}
