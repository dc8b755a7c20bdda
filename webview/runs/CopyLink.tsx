import { useState } from 'react';
import { stateText } from '../../src/protocol/pageLink.ts';
import { useHost } from '../shared/host/host.ts';
import { Popover } from '../shared/ui/Popover.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { linkedSelection } from './linkedSelection.ts';
import type { RunsView } from './useRunsView.ts';

/** Puts an address on the clipboard that shows the same view to somebody else. */
export function CopyLink({ experiment, view }: { experiment: string; view: RunsView }) {
  const { client, command, kept } = useHost();
  const [copied, setCopied] = useState('');
  const { error, run } = useAction();
  const label = copied || 'Copy a link to this view';
  const icon = copied ? 'check' : 'link';

  const copy = (to?: 'editor' | 'studio') =>
    run(async () => {
      const { isCut, ...selection } = await linkedSelection(client, view);
      if (!command || !kept) await navigator.clipboard.writeText(studioLink(selection));
      else command('link.copy', { page: 'runs', name: experiment, to: to!, state: JSON.stringify({ ...kept(), ...selection }) });
      setCopied(isCut ? `Copied, with the first ${selection.selected.length} of ${view.selected.length} selected runs` : 'Copied');
      setTimeout(() => setCopied(''), isCut ? 8000 : 1500);
    });

  return (
    <>
      {command ? (
        <Popover icon={icon} label={label} text="Copy link">
          <button type="button" className="link" onClick={() => copy('editor')}>
            For VS Code
          </button>
          <button type="button" className="link" onClick={() => copy('studio')}>
            For the Studio in a browser
          </button>
        </Popover>
      ) : (
        <ToolButton icon={icon} label={label} text="Copy link" onClick={() => copy()} />
      )}
      {copied.length > 'Copied'.length && (
        <span className="dim" role="status">
          {copied}.
        </span>
      )}
      {error && <Failure error={error} />}
    </>
  );
}

/** The address of the page, with what it says of the selected runs. */
function studioLink(selection: Record<string, unknown[]>): string {
  const link = new URL(location.href);
  for (const key of ['selected', 'rows']) link.searchParams.delete(key);
  for (const [key, value] of Object.entries(selection)) if (value.length > 0) link.searchParams.set(key, stateText(value));
  return link.href;
}
