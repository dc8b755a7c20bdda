import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { readUpTo } from '../../shared/files/readUpTo.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { plainText } from '../../shared/ui/plainText.ts';
import { Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { fileDiff, mostLines } from './fileDiff.ts';

/** A file of each of two runs; undefined where a run does not have it. */
export interface ComparedFile {
  path: string;
  before: { label: string; container: string; blob: string } | undefined;
  after: { label: string; container: string; blob: string } | undefined;
}

/** Bytes of a file that are compared here. */
const mostBytes = 1_000_000;

/** What differs between a file of two runs, as a unified diff. */
export default function FileDiff({ file, onClose }: { file: ComparedFile; onClose(): void }) {
  const { path, before, after } = file;
  const { value, error } = useLive(
    `diff ${before?.blob} ${after?.blob}`,
    async (client) => {
      const [old, now] = await Promise.all([textOf(client, before), textOf(client, after)]);
      if (old === undefined || now === undefined) return 'This file can’t be compared here: it is no text, or has more than 1 MB.';
      return fileDiff(old, now)?.slice(0, mostLines) ?? 'These two differ too much to be laid beside each other.';
    },
    () => false,
  );
  return (
    <section className="file-diff" aria-label={`Differences of ${path}`}>
      <header>
        <h2>{plainText(path, 200)}</h2>
        <span className="dim">
          {before ? plainText(before.label, 60) : 'not there'} → {after ? plainText(after.label, 60) : 'not there'}
        </span>
        <span className="bar-rest" />
        <ToolButton icon="close" label="Close the differences" onClick={onClose} />
      </header>
      {error && <ReadFailure error={error} />}
      {value === undefined && !error && <Loading what="the files" />}
      {typeof value === 'string' && <p className="dim">{value}</p>}
      {typeof value === 'object' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by the keyboard
        <section className="diff-lines" tabIndex={0} aria-label="Lines that differ">
          {value.length === 0 && <p className="dim">The text is the same.</p>}
          {value.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are told apart by their place alone
            <div key={index} className={`diff-line is-${line.kind}`}>
              <span className="line-number">{line.before}</span>
              <span className="line-number">{line.after}</span>
              <span className="diff-sign">{{ same: ' ', removed: '−', added: '+', gap: ' ' }[line.kind]}</span>
              <span className="diff-text">{plainText(line.text.replaceAll('\t', '    '), 2000)}</span>
            </div>
          ))}
        </section>
      )}
    </section>
  );
}

/** '' for a file that is not there; undefined for what can't be compared as text. */
async function textOf(client: PlaneClient, place: ComparedFile['before']): Promise<string | undefined> {
  if (!place) return '';
  const { bytes, isCut } = await readUpTo(await client.readBlob(place.container, place.blob, { start: 0, end: mostBytes - 1 }), mostBytes);
  return isCut || bytes.includes(0) ? undefined : new TextDecoder().decode(bytes);
}
