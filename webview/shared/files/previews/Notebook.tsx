// biome-ignore-all lint/suspicious/noArrayIndexKey: cells are told apart by their place alone
import { Line, type Mark } from '../../log/Line.tsx';
import { Picture } from '../Picture.tsx';
import { Markdown } from './Markdown.tsx';
import type { NotebookPart } from './notebook.ts';

const none: readonly Mark[] = [];

/** The cells of a notebook with what they wrote. */
export function Notebook({ parts }: { parts: readonly NotebookPart[] }) {
  return (
    <div className="notebook">
      {parts.map((part, index) => {
        if (part.kind === 'markdown') return <Markdown key={index} text={part.text} />;
        if (part.kind === 'image') return <Picture key={index} blob={new Blob([part.bytes], { type: 'image/png' })} name="Output" />;
        if (part.kind === 'code')
          return (
            <div key={index} className="notebook-code">
              <span className="dim number">[{part.count ?? ' '}]</span>
              <pre>{part.text}</pre>
            </div>
          );
        return (
          <pre key={index} className={part.isError ? 'notebook-output notebook-error' : 'notebook-output'}>
            {part.lines.map((text, line) => (
              <div key={line}>
                <Line text={text} marks={none} onOpen={undefined} />
              </div>
            ))}
          </pre>
        );
      })}
    </div>
  );
}
