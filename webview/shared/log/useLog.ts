import { useEffect, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { Change } from '../../../src/protocol/change.ts';
import { logFile } from '../../../src/protocol/jobPlaces.ts';
import { useHost } from '../host/host.ts';
import { liveReading } from '../live/liveReading.ts';
import { asUserError } from '../live/useLive.ts';
import { LogText } from './logText.ts';

/** Bytes that are read at a time. */
const pieceBytes = 4_000_000;
/** Of a longer log only the end is read, in bytes, until all of it is asked for. */
const tailBytes = 4_000_000;

export interface Log {
  lines: string[];
  /** Bytes at the start that were not read. */
  skipped: number;
}

/** A job's log, growing as the job writes it. Undefined until the first answer. */
export function useLog(job: string, isWhole: boolean): { log?: Log; error?: UserError } {
  const { client, feed } = useHost();
  const [state, setState] = useState<{ log?: Log; error?: UserError }>({});

  useEffect(() => {
    let isCurrent = true;
    let text: LogText | undefined;
    let skipped = 0;
    let offset = 0;
    setState({});
    const read = async () => {
      try {
        if (!text) {
          const [folder, name] = logFile.split('/');
          const { entries } = await client.listArtifacts(job, folder);
          const size = entries.find((entry) => entry.path === name)?.size ?? 0;
          skipped = isWhole ? 0 : Math.max(0, size - tailBytes);
          offset = skipped;
          text = new LogText();
        }
        for (;;) {
          const bytes = await client.readLog(job, logFile, offset, pieceBytes);
          offset += bytes.byteLength;
          text.append(bytes);
          if (bytes.byteLength < pieceBytes || !isCurrent) break;
        }
        const now = text.lines();
        // The cut falls somewhere inside a line.
        if (isCurrent) setState({ log: { lines: skipped ? now.slice(1) : now, skipped } });
      } catch (error) {
        if (isCurrent) setState((old) => ({ ...old, error: asUserError(error) }));
        throw error;
      }
    };
    const concerns = (change: Change) => change.kind === 'log' && change.id === job;
    // Another plane may have another log under the same name.
    const onReset = () => {
      text = undefined;
    };
    const reading = liveReading(feed, { restMs: 150, concerns, read, onReset });
    return () => {
      isCurrent = false;
      reading.dispose();
    };
  }, [client, feed, job, isWhole]);

  return state;
}
