import type { WriteStream } from 'node:tty';
import { formatBytes, formatDuration } from '../../base/text.ts';

/** Milliseconds between two pictures. */
const drawEvery = 200;

/** Shows on a terminal how far a download is, on one line that changes; elsewhere, with `isVerbose`, a line for every tenth. */
export function downloadProgress(
  stream: Pick<WriteStream, 'isTTY' | 'write'>,
  isVerbose: boolean,
): { show: (done: number, total: number) => void; end: () => void } {
  let [drawnAt, tenth, isDrawn] = [0, 0, false];
  let first: { at: number; done: number } | undefined;
  return {
    show(done, total) {
      const now = performance.now();
      first ??= { at: now, done };
      const share = total > 0 ? done / total : 0;
      if (!stream.isTTY) {
        if (!isVerbose || Math.floor(share * 10) <= tenth) return;
        tenth = Math.floor(share * 10);
        stream.write(`${tenth * 10} % of ${formatBytes(total)}\n`);
        return;
      }
      if (now - drawnAt < drawEvery && done !== total) return;
      drawnAt = now;
      const perMs = (done - first.done) / Math.max(1, now - first.at);
      const left = total > 0 && perMs > 0 && now - first.at > 1000 ? `, ${formatDuration((total - done) / perMs)} left` : '';
      const rate = perMs > 0 ? `, ${formatBytes(perMs * 1000)}/s` : '';
      const of = total > 0 ? `${formatBytes(done)} of ${formatBytes(total)} (${Math.floor(share * 100)} %)` : formatBytes(done);
      stream.write(`\r\u001b[K${done === total ? `${of}: is verified` : `${of}${rate}${left}`}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) stream.write('\r\u001b[K');
    },
  };
}
