import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { mayShare } from '../../../src/access/mayShare.ts';
import type { RegistryRights } from '../../../src/client/registries.ts';
import { type AssetKind, assetNouns } from '../../../src/protocol/arm.ts';
import { assetPage } from '../../../src/protocol/assetPage.ts';
import { registryAssetId } from '../../../src/protocol/registry.ts';
import { useHost } from '../host/host.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Button } from '../ui/fields.tsx';
import { Icon } from '../ui/Icon.tsx';
import { PageLink } from '../ui/PageLink.tsx';
import { Failure, Loading, ReadFailure } from '../ui/states.tsx';
import { useAction } from '../ui/useAction.ts';
import { useRegistryRights } from './useRegistries.ts';

interface Shared {
  kind: AssetKind;
  name: string;
  version: string;
}

/** Asks where a version goes, and under which name and version, and copies it there. */
export function ShareDialog({ onClose, ...asset }: Shared & { onClose(): void }) {
  const { kind, name, version } = asset;
  const dialog = useRef<HTMLDialogElement>(null);
  const { value, error } = useRegistryRights();
  useEffect(() => dialog.current?.showModal(), []);
  const open = value?.filter(({ permissions }) => mayShare(permissions)) ?? [];
  const closed = value?.filter(({ permissions }) => !mayShare(permissions)) ?? [];
  return (
    <dialog className="dialog share-dialog" ref={dialog} aria-label={`Share ${name}:${version} to a registry`} onClose={onClose}>
      <h2>
        Share the {assetNouns[kind]} {name}:{version}
      </h2>
      {error && <ReadFailure error={error} />}
      {!value && !error && <Loading what="the registries" />}
      {value && open.length > 0 && <ShareForm asset={asset} registries={open} closed={closed} onClose={onClose} />}
      {value && open.length === 0 && (
        <>
          {closed.length > 0 ? (
            <p>{mayOnlyRead(closed)} To share takes the role "AzureML Registry User" on a registry: ask an Owner for it.</p>
          ) : (
            <NoRegistry />
          )}
          <Buttons onClose={onClose} />
        </>
      )}
    </dialog>
  );
}

/** Where one is made: in the Studio on a page, in VS Code while sharing from a view. */
function NoRegistry() {
  const { kind } = useHost();
  return (
    <p>
      There is no registry that you may share to.{' '}
      {kind === 'browser' ? (
        <>
          One is made under <PageLink to={{ page: 'registries', name: '' }}>Registries</PageLink>.
        </>
      ) : (
        <>
          <em>Share to Registry…</em>, in the menu of a version in the views Models and Assets, can make one.
        </>
      )}
    </p>
  );
}

function ShareForm({
  asset: { kind, name, version },
  registries,
  closed,
  onClose,
}: {
  asset: Shared;
  registries: RegistryRights[];
  closed: RegistryRights[];
  onClose(): void;
}) {
  const host = useHost();
  const { run, error, isRunning } = useAction();
  const [chosen, choose] = useState('');
  const [target, setTarget] = useState({ name, version });
  const [shared, setShared] = useState<{ registry: string; name: string; version: string }>();
  const registry = registries.some((each) => each.registry.name === chosen) ? chosen : registries[0]!.registry.name;
  if (shared)
    return (
      <>
        <p className="status-text" role="status">
          <Icon name="pass" className="tone-passed" />
          <span>Shared to the registry {shared.registry}.</span>
        </p>
        <p className="share-reference">
          <code>{registryAssetId(shared.registry, kind, shared.name, shared.version)}</code>
          <CopyButton text={registryAssetId(shared.registry, kind, shared.name, shared.version)} label="Copy the reference" />
        </p>
        <Buttons onClose={onClose}>
          <Button
            onClick={() => {
              onClose();
              host.open(assetPage({ kind, ...shared })!);
            }}
          >
            Open it in the registry
          </Button>
        </Buttons>
      </>
    );
  const isWhole = target.name.trim() !== '' && target.version.trim() !== '';
  const share = () =>
    run(async () => {
      const to = { name: target.name.trim(), version: target.version.trim() };
      await host.client.shareAsset(kind, { name, version }, registry, to);
      setShared({ registry, ...to });
    });
  return (
    <form
      className="share-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && !isRunning) share();
      }}
    >
      <Field label="Registry">
        {(id) => (
          <select id={id} className="edit" value={registry} onChange={(event) => choose(event.currentTarget.value)}>
            {registries.map((each) => (
              <option key={each.registry.name}>{each.registry.name}</option>
            ))}
          </select>
        )}
      </Field>
      <div className="share-target">
        <Field label="Name there">
          {(id) => (
            <input
              id={id}
              className="edit"
              value={target.name}
              onChange={({ currentTarget }) => setTarget({ ...target, name: currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Version there">
          {(id) => (
            <input
              id={id}
              className="edit"
              value={target.version}
              onChange={({ currentTarget }) => setTarget({ ...target, version: currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <p className="dim">
        It is copied as it is now, with its files
        {kind === 'components' && ', and with the code, the environment and the components that it is made of'}. A version in a registry
        never changes.
      </p>
      {closed.length > 0 && <p className="dim">{mayOnlyRead(closed)}</p>}
      {error && <Failure error={error} />}
      {/* By Enter in a field, too: our buttons submit no form. */}
      <button type="submit" hidden disabled={isRunning || !isWhole} />
      <Buttons onClose={onClose}>
        <Button disabled={isRunning || !isWhole} onClick={share}>
          {isRunning ? 'Sharing…' : 'Share'}
        </Button>
      </Buttons>
    </form>
  );
}

const mayOnlyRead = (registries: readonly RegistryRights[]): string =>
  `In ${registries.map(({ registry }) => registry.name).join(', ')} your roles let you read, and not share.`;

function Field({ label, children }: { label: string; children(id: string): ReactNode }) {
  const id = useId();
  return (
    <div className="setting">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

const Buttons = ({ onClose, children }: { onClose(): void; children?: ReactNode }) => (
  <div className="dialog-buttons">
    <Button secondary onClick={onClose}>
      Close
    </Button>
    {children}
  </div>
);
