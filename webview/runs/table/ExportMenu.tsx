import { useRef, useState } from 'react';
import { useHost } from '../../shared/host/host.ts';
import { fileName, saveFile } from '../../shared/host/saveFile.ts';
import { Popover } from '../../shared/ui/Popover.tsx';
import { Failure } from '../../shared/ui/states.tsx';
import { useAction } from '../../shared/ui/useAction.ts';
import type { ExportFormat, ExportQuestion } from './exportRuns.ts';

/** Writes all rows that match, with the columns that are shown, into a file. */
export function ExportMenu({ name, question, total }: { name: string; question: ExportQuestion; total: number }) {
  const host = useHost();
  const action = useAction();
  const [done, setDone] = useState<number>();
  const abort = useRef<AbortController>(undefined);

  const start = (format: ExportFormat) =>
    action.run(async () => {
      abort.current = new AbortController();
      setDone(0);
      try {
        const { exportRuns } = await import('./exportRuns.ts');
        const file = await exportRuns(host.client, format, question, setDone, abort.current.signal);
        await saveFile(host, fileName(name, format), file);
      } catch (error) {
        if (!abort.current.signal.aborted) throw error;
      } finally {
        setDone(undefined);
      }
    });
  return (
    <Popover icon="export" label="Export" text="Export">
      <p className="dim">All {total.toLocaleString('en')} runs that match, with the columns that are shown.</p>
      {done === undefined ? (
        <div className="links">
          <button type="button" className="link" onClick={() => start('csv')}>
            CSV
          </button>
          <button type="button" className="link" onClick={() => start('parquet')}>
            Parquet
          </button>
        </div>
      ) : (
        <>
          <progress aria-label="Rows that were read" value={done} max={Math.max(1, total)} />
          <button type="button" className="link" onClick={() => abort.current?.abort()}>
            Stop
          </button>
        </>
      )}
      {action.error && <Failure error={action.error} />}
    </Popover>
  );
}
