import type { AssetKind } from '../../../src/protocol/arm.ts';
import { registryAssetId } from '../../../src/protocol/registry.ts';
import { CopyButton } from '../ui/CopyButton.tsx';

/** How YAML refers to a version of a registry. */
export function RegistryReference({ registry, kind, name, version }: { registry: string; kind: AssetKind; name: string; version: string }) {
  const id = registryAssetId(registry, kind, name, version);
  return (
    <span className="share-reference">
      <code>{id}</code>
      <CopyButton text={id} label="Copy the reference" />
    </span>
  );
}
