import { lazy, useState } from 'react';
import type { AssetKind } from '../../../src/protocol/arm.ts';
import { Button } from '../ui/fields.tsx';
import { Later } from '../ui/Later.tsx';

const ShareDialog = lazy(async () => ({ default: (await import('./ShareDialog.tsx')).ShareDialog }));

/** Shares a version of the workspace to a registry, after a dialog. */
export function ShareButton({ kind, name, version }: { kind: AssetKind; name: string; version: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button secondary onClick={() => setOpen(true)}>
        Share to a registry…
      </Button>
      {isOpen && (
        <Later what="the dialog" instead={null}>
          <ShareDialog kind={kind} name={name} version={version} onClose={() => setOpen(false)} />
        </Later>
      )}
    </>
  );
}
