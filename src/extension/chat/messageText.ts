import {
  type LanguageModelChatRequestMessage,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
} from 'vscode';

/** All texts of a message, also those of tools, one behind the other. */
export const messageText = ({ content }: LanguageModelChatRequestMessage): string => content.map(partText).join('');

function partText(part: unknown): string {
  if (part instanceof LanguageModelTextPart) return part.value;
  if (part instanceof LanguageModelToolCallPart) return `${part.name}(${JSON.stringify(part.input)})`;
  if (part instanceof LanguageModelToolResultPart) return resultText(part);
  return '';
}

/** What a tool answered, as text. */
export const resultText = ({ content }: LanguageModelToolResultPart): string =>
  content.map((each) => (each instanceof LanguageModelTextPart ? each.value : '')).join('');
