import { useState } from 'react';
import { useHost } from '../shared/host/host.ts';
import { Popover } from '../shared/ui/Popover.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { linkedSelection } from './linkedSelection.ts';
import type { RunsView } from './useRunsView.ts';

/** Puts an address on the clipboard that shows the same view to somebody else. */
export function CopyLink({ experiment, view }: { experiment: string; view: RunsView }) {
  const { client, command, kept, href } = useHost();
  const [copied, setCopied] = useState('');
  const { error, run } = useAction();
  const label = copied || 'Copy a link to this view';
  const icon = copied ? 'check' : 'link';

  const copy = (to?: 'editor' | 'studio') =>
    run(async () => {
      const { isCut, selected, rows } = await linkedSelection(client, view);
      const { selected: _all, rows: _old, ...rest } = kept();
      const state = { ...rest, ...(selected.length > 0 ? { selected } : {}), ...(rows ? { rows } : {}) };
      if (command) command('link.copy', { page: 'runs', name: experiment, to: to!, state: JSON.stringify(state) });
      else await navigator.clipboard.writeText(location.origin + href({ page: 'runs', name: experiment, state }));
      setCopied(isCut ? `Copied, with the first ${selected.length} of ${view.selected.length} selected runs` : 'Copied');
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
