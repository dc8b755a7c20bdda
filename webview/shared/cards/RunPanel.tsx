import { useRef } from 'react';
import type { LoggedFile } from '../../../src/protocol/loggedFiles.ts';
import { Swatch } from '../chart/Legend.tsx';
import type { Palette } from '../chart/palette.ts';
import type { ChartRun } from '../chart/useLines.ts';
import { TableView } from '../files/TableView.tsx';
import { useHost } from '../host/host.ts';
import { useLive } from '../live/useLive.ts';
import { plainText } from '../ui/plainText.ts';
import { ToolButton } from '../ui/ToolButton.tsx';
import { useAction } from '../ui/useAction.ts';
import { readShown, type Shown } from './content/shown.ts';
import { HistogramView } from './HistogramView.tsx';
import { ImageView } from './ImageView.tsx';
import { MatrixView } from './MatrixView.tsx';
import { saveLogged } from './saveLogged.ts';
import { atStep } from './steps.ts';
import { useIsNear } from './useIsNear.ts';

export interface RunPanelProps {
  run: ChartRun;
  /** Sorted by step. */
  files: readonly LoggedFile[];
  /** The step that the card shows; undefined: there are none. */
  step: number | undefined;
  /** The name of the card. */
  name: string;
  palette: Palette;
  /** Of what is shown, in pixels. */
  height: number;
  /** Pixels of a picture that may be kept in memory. */
  mostPixels: number;
  isFull: boolean;
  /** Tells of the steps that are inside of a file. */
  onSteps(run: string, steps: readonly number[]): void;
}

/** What one run has at the step. */
export function RunPanel({ run, files, step, isFull, ...rest }: RunPanelProps) {
  const host = useHost();
  const action = useAction();
  const [panel, isNear] = useIsNear<HTMLLIElement>();
  const file = atStep(files, step);
  const own = file?.step;
  return (
    <li className="logged-panel" ref={panel} aria-label={run.label}>
      <header>
        <Swatch line={run} />
        <span className="logged-run" title={run.label}>
          {plainText(run.label, 200)}
        </span>
        {own !== undefined && own !== step && <span className="dim number">step {own}</span>}
        {file && (
          <ToolButton
            icon="save"
            label={`Save the file of ${run.label}`}
            disabled={action.isRunning}
            onClick={() => action.run(() => saveLogged(host, run.id, file))}
          />
        )}
      </header>
      {action.error && <p className="logged-note">{action.error.message}</p>}
      {file ? (
        isNear ? (
          <Content run={run} file={file} step={step} isFull={isFull} {...rest} />
        ) : (
          <div style={{ height: rest.height }} />
        )
      ) : (
        <p className="logged-note">Nothing at or before step {step}.</p>
      )}
    </li>
  );
}

function Content({
  run,
  file,
  step,
  name,
  palette,
  height,
  mostPixels,
  isFull,
  onSteps,
}: Omit<RunPanelProps, 'files'> & { file: LoggedFile }) {
  const { value, error } = useLive<Shown>(
    `shown ${run.id} ${file.path} ${file.version} ${isFull}`,
    async (client) => {
      const shown = await readShown(client, run.id, file, isFull);
      if (shown.kind === 'histograms')
        onSteps(
          run.id,
          shown.histograms.flatMap((each) => (each.step === undefined ? [] : [each.step])),
        );
      return shown;
    },
    // Another content is another version, which the list of files tells.
    () => false,
  );
  // What was shown stays, under its own name, until the next step is there.
  const last = useRef<{ shown: Shown; title: string }>(undefined);
  if (value) last.current = { shown: value, title: `${name}, ${run.label}${file.step === undefined ? '' : `, step ${file.step}`}` };
  if (error && !value) return <p className="logged-note tone-failed">{error.message}</p>;
  if (!last.current)
    return (
      <p className="logged-note" style={{ height }} role="status">
        Loading…
      </p>
    );
  const { shown, title } = last.current;
  switch (shown.kind) {
    case 'image':
      return <ImageView blob={shown.blob} pixels={shown.pixels} most={mostPixels} name={title} height={height} />;
    case 'matrix':
      return <MatrixView matrix={shown.matrix} palette={palette} name={title} />;
    case 'histograms': {
      const histogram = atStep(shown.histograms, step);
      if (!histogram) return <p className="logged-note">Nothing at or before step {step}.</p>;
      return <HistogramView histogram={histogram} color={run.color} palette={palette} name={title} height={height} />;
    }
    case 'table':
      return (
        <>
          <p className="logged-note">{shown.note}</p>
          <div className="logged-table" style={{ height }}>
            <TableView table={shown.table} label={title} />
          </div>
        </>
      );
    case 'text':
      return (
        <>
          {shown.note && <p className="logged-note">{shown.note}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by the keyboard */}
          <pre className="logged-text" style={{ maxHeight: height }} tabIndex={0} role="document" aria-label={title}>
            {shown.text}
          </pre>
        </>
      );
    case 'none':
      return <p className="logged-note">{shown.reason}</p>;
  }
}
