import type { ChatMessage } from '../chat.ts';
import type { HistoryCall, HistoryItem } from './nodeLlamaCpp.ts';

/** Messages as the engine takes them: what a tool answered stands with the call, and what the model said in a row is one item. The last item is the answer to come. */
export function historyOf(messages: readonly ChatMessage[]): HistoryItem[] {
  const history: HistoryItem[] = [];
  const calls = new Map<string, HistoryCall>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const call = calls.get(message.callId);
      if (call) call.result = jsonOr(message.text);
      continue;
    }
    if (message.role !== 'assistant') {
      history.push({ type: message.role, text: message.text });
      continue;
    }
    const said: (string | HistoryCall)[] = message.text ? [message.text] : [];
    for (const { id, name, arguments: params } of message.calls ?? []) {
      const call: HistoryCall = { type: 'functionCall', name, params: jsonOr(params), result: undefined };
      calls.set(id, call);
      said.push(call);
    }
    const last = history.at(-1);
    if (last?.type === 'model') last.response.push(...said);
    else history.push({ type: 'model', response: said });
  }
  if (history.at(-1)?.type !== 'model') history.push({ type: 'model', response: [''] });
  return history;
}

/** The value of a JSON text; a text that is none as it is. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
