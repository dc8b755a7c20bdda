import { Marked } from 'marked';
import { mentionAtStart } from '../../../src/protocol/comment.ts';
import { mentionType, type ReadMarkdown } from '../files/previews/Markdown.tsx';

/** What is left of Markdown in comments: paragraphs, emphasis, code, lists, quotes and links. All else is shown as it is written. */
const none = () => undefined;

/** Takes a comment apart; of its mentions those that reach somebody stand out. */
export function readComment(mentions: readonly string[]): ReadMarkdown {
  const known = new Set(mentions.map((name) => name.toLowerCase()));
  const marked = new Marked({
    gfm: true,
    // People end a line where they mean it.
    breaks: true,
    tokenizer: { heading: none, lheading: none, html: none, tag: none, table: none, def: none, hr: none },
    extensions: [
      {
        name: mentionType,
        level: 'inline',
        start: (text) => (known.size === 0 ? undefined : indexOfMention(text)),
        tokenizer(text) {
          const name = mentionAtStart(text);
          return name !== undefined && known.has(name.toLowerCase()) ? { type: mentionType, raw: `@${name}` } : undefined;
        },
      },
    ],
  });
  return (text) => marked.lexer(text);
}

function indexOfMention(text: string): number | undefined {
  const at = text.indexOf('@');
  return at < 0 ? undefined : at;
}
