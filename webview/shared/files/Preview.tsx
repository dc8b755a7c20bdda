import { lazy } from 'react';
import { formatBytes, plural } from '../../../src/base/text.ts';
import { useHost } from '../host/host.ts';
import { saveInBrowser } from '../host/saveInBrowser.ts';
import { useLive } from '../live/useLive.ts';
import { TextView } from '../log/TextView.tsx';
import { Later } from '../ui/Later.tsx';
import { Failure, Loading, ReadFailure } from '../ui/states.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { useAction } from '../ui/useAction.ts';
import { readContent } from './content.ts';
import type { FileNode } from './fileNode.ts';
import { JsonTree } from './JsonTree.tsx';
import { Picture } from './Picture.tsx';
import { Html } from './previews/Html.tsx';
import { TableView } from './TableView.tsx';

const Markdown = lazy(async () => ({ default: (await import('./previews/Markdown.tsx')).Markdown }));
const Notebook = lazy(async () => ({ default: (await import('./previews/Notebook.tsx')).Notebook }));

/** More than this is kept in the browser's memory on its way to the disk: the command line does it better. */
const mostToSave = 1_000_000_000;

/** One file: its content as far as it can be shown, and ways to get it. `startLine` (from 1) is brought into view. */
export function Preview({ node, startLine }: { node: FileNode; startLine?: number | undefined }) {
  const { client, command, kind } = useHost();
  const action = useAction();
  const { value, error } = useLive(
    `preview ${node.id}`,
    (plane) => readContent(plane, node),
    (change) => node.concerns?.(change) ?? false,
    1000,
  );
  const isTooLarge = kind === 'browser' && (node.size ?? 0) > mostToSave;
  return (
    <section className="preview" aria-label={`Preview of ${node.name}`}>
      <header className="preview-header">
        <h2 title={node.name}>{node.name}</h2>
        {node.size !== undefined && <span className="dim number">{formatBytes(node.size)}</span>}
        <span className="bar-rest" />
        {command && node.openInEditor && (
          <ToolButton
            icon="go-to-file"
            label="Open in an editor"
            onClick={() => command(node.openInEditor!.command, node.openInEditor!.args)}
          />
        )}
        {command && node.saveInEditor && (
          <ToolButton icon="save" label="Save as…" onClick={() => command('artifact.save', node.saveInEditor!)} />
        )}
        {!command && (
          <ToolButton
            icon="cloud-download"
            label={isTooLarge ? 'Too large for a browser: use "updraft job download"' : 'Download'}
            disabled={isTooLarge || action.isRunning}
            onClick={() => action.run(async () => saveInBrowser(await (await node.read!(client)).blob(), node.name))}
          />
        )}
      </header>
      {action.error && <Failure error={action.error} />}
      {!value && (error ? <ReadFailure error={error} /> : <Loading what={node.name} />)}
      {value?.kind === 'none' && <p className="state">{value.reason}</p>}
      {value?.kind === 'image' && <Picture blob={value.blob} name={node.name} />}
      {value?.kind === 'json' && <JsonTree value={value.value} />}
      {value?.kind === 'table' && (
        <>
          <p className="preview-note">
            {value.note ??
              `${plural(value.table.rows.length, 'row')}, ${plural(value.table.columns.length, 'column')}${value.isCut ? cutNote(value.total) : ''}`}
          </p>
          <TableView table={value.table} label={node.name} />
        </>
      )}
      {value?.kind === 'html' && (
        <>
          <p className="preview-note">Scripts, and what the page would load from elsewhere, are left out.</p>
          <Html text={value.text} name={node.name} />
        </>
      )}
      <Later what={node.name}>
        {value?.kind === 'markdown' && <Markdown text={value.text} />}
        {value?.kind === 'notebook' && <Notebook parts={value.parts} />}
      </Later>
      {value?.kind === 'text' && (
        <>
          {value.note && <p className="preview-note tone-warning">{value.note}</p>}
          {value.isCut && <p className="preview-note">{cutNote(value.total).replace(/^ · /, '')}</p>}
          <TextView label={node.name} lines={value.lines} startLine={startLine} />
        </>
      )}
    </section>
  );
}

const cutNote = (total: number | undefined) => ` · only the beginning is shown${total === undefined ? '' : ` of ${formatBytes(total)}`}`;
