import { useState } from 'react';
import { aside } from '../../src/base/aside.ts';
import { useHost } from '../shared/host/host.ts';
import { Popover } from '../shared/ui/Popover.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';

/** Puts an address on the clipboard that shows the same view to somebody else. */
export function CopyLink({ experiment }: { experiment: string }) {
  const { command, kept } = useHost();
  const [isCopied, setCopied] = useState(false);
  const done = () => {
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  if (!command || !kept)
    return (
      <ToolButton
        icon={isCopied ? 'check' : 'link'}
        label={isCopied ? 'Copied' : 'Copy a link to this view'}
        text="Copy link"
        onClick={() => aside('copy', navigator.clipboard.writeText(location.href).then(done), console)}
      />
    );
  const copy = (to: string) => () => {
    command('link.copy', { page: 'runs', name: experiment, to, state: JSON.stringify(kept()) });
    done();
  };
  return (
    <Popover icon={isCopied ? 'check' : 'link'} label={isCopied ? 'Copied' : 'Copy a link to this view'} text="Copy link">
      <button type="button" className="link" onClick={copy('editor')}>
        For VS Code
      </button>
      <button type="button" className="link" onClick={copy('studio')}>
        For the Studio in a browser
      </button>
    </Popover>
  );
}
