// biome-ignore-all lint/suspicious/noArrayIndexKey: parts of a text are told apart by their place alone
import { lexer, type Token, type Tokens } from 'marked';
import { type ReactNode, useMemo } from 'react';
import { ExternalLink } from '../../ui/ExternalLink.tsx';

/** Takes a text apart. */
export type ReadMarkdown = (text: string) => Token[];
/** A token of this type, which no Markdown has, is drawn as the name of a person. */
export const mentionType = 'mention';

/** A Markdown text. Nothing of it becomes HTML by itself: tags are shown as they are written, and images are named, not fetched. */
export function Markdown({ text, read = lexer }: { text: string; read?: ReadMarkdown }) {
  const tokens = useMemo(() => {
    try {
      return read(text);
    } catch {
      return undefined;
    }
  }, [text, read]);
  return <div className="markdown">{tokens ? blocks(tokens) : <pre>{text}</pre>}</div>;
}

/** Deepest nesting that is drawn; what is deeper is shown as it is written. */
const deepest = 30;

const blocks = (tokens: readonly Token[], depth = 0): ReactNode[] =>
  depth > deepest ? tokens.map((token) => token.raw) : tokens.map((token, index) => <Part key={index} token={token} depth={depth + 1} />);

function Part({ token: any, depth }: { token: Token; depth: number }): ReactNode {
  const token = any as Tokens.Generic & Token;
  const inside = () => (token.tokens ? blocks(token.tokens, depth) : (token.text as string));
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading': {
      const Heading = `h${Math.min(6, token.depth + 1)}` as 'h2';
      return <Heading>{inside()}</Heading>;
    }
    case 'paragraph':
      return <p>{inside()}</p>;
    case 'blockquote':
      return <blockquote>{inside()}</blockquote>;
    case 'code':
      return <pre>{token.text}</pre>;
    case 'hr':
      return <hr />;
    case 'list': {
      const items = (token as Tokens.List).items.map((item, index) => (
        <li key={index}>
          {item.task && <input type="checkbox" checked={item.checked === true} readOnly disabled aria-label="Task" />}
          {blocks(item.tokens, depth)}
        </li>
      ));
      return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return (
        <table>
          <thead>
            <tr>
              {header.map((cell, index) => (
                <th key={index} scope="col" style={cell.align ? { textAlign: cell.align } : {}}>
                  {blocks(cell.tokens, depth)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column} style={cell.align ? { textAlign: cell.align } : {}}>
                    {blocks(cell.tokens, depth)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    }
    case 'strong':
      return <strong>{inside()}</strong>;
    case 'em':
      return <em>{inside()}</em>;
    case 'del':
      return <del>{inside()}</del>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <ExternalLink href={token.href}>{inside()}</ExternalLink>;
    case 'image':
      return <span className="dim">[image: {token.text || token.href}]</span>;
    case 'text':
    case 'escape':
      return <>{inside()}</>;
    case mentionType:
      return <strong className="mention">{token.raw}</strong>;
    case 'checkbox':
      return null;
    default:
      return <>{token.raw}</>;
  }
}
