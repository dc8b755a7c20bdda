import { type ReactNode, type RefObject, useId } from 'react';
import { useHost } from '../host/host.ts';
import { fileName, saveFile } from '../host/saveFile.ts';
import { Failure } from '../ui/states.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { useAction } from '../ui/useAction.ts';
import { drawingOf, pictureOf } from './picture.ts';

/** A chart under its title, with what can be done with its picture. `controls` choose what it shows; `note` says what it is. */
export function AnalysisCard({
  title,
  controls,
  note,
  picture,
  children,
}: {
  title: string;
  controls?: ReactNode;
  note?: ReactNode;
  /** Around the svg element that is saved and copied; absent for what is none. */
  picture?: RefObject<HTMLElement | null>;
  children: ReactNode;
}) {
  const host = useHost();
  const action = useAction();
  const id = useId();
  const drawing = () => (picture?.current ? drawingOf(picture.current) : undefined);
  function save() {
    const text = drawing()?.outerHTML;
    if (text) action.run(() => saveFile(host, fileName(title, 'svg'), new Blob([text], { type: 'image/svg+xml' })));
  }
  return (
    <figure className="analysis-card" aria-labelledby={id}>
      <figcaption>
        <span id={id} className="analysis-title">
          {title}
        </span>
        {picture && (
          <span className="analysis-tools">
            <ToolButton
              icon="copy"
              label={`Copy ${title} as a picture`}
              onClick={() => {
                const element = drawing();
                if (element) action.run(() => navigator.clipboard.write([new ClipboardItem({ 'image/png': pictureOf(element) })]));
              }}
            />
            <ToolButton icon="save" label={`Save ${title} as SVG`} onClick={save} />
          </span>
        )}
      </figcaption>
      {controls && <div className="analysis-controls">{controls}</div>}
      {action.error && <Failure error={action.error} />}
      {children}
      {note && <p className="chart-note">{note}</p>}
    </figure>
  );
}
