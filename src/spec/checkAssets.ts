import { isScalar } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { bareEnvironmentName } from './environmentName.ts';
import type { Use } from './validate.ts';

export type NamedAsset = 'environments' | 'data' | 'models' | 'components';

/** The assets of a plane, as far as they are known now. */
export interface AssetNames {
  /** Versions of an asset; null when there is none of this name, undefined while it is not known. */
  versions(kind: NamedAsset, name: string): readonly string[] | null | undefined;
  /** Names that a message may propose. */
  names(kind: NamedAsset): readonly string[];
}

const nouns: Record<NamedAsset, string> = { environments: 'environment', data: 'data asset', models: 'model', components: 'component' };

/** Warns about `azureml:NAME:VERSION` that the plane does not have. Says nothing of what is not known. */
export function checkAssets(document: SpecDocument, uses: readonly Use[], names: AssetNames): void {
  for (const { path, field } of uses) {
    const kind = field.assetKind;
    if (kind !== 'environments' && kind !== 'data' && kind !== 'models' && kind !== 'components') continue;
    const node = document.at(path);
    const reference = isScalar(node) && typeof node.value === 'string' ? /^azureml:([^:@/]+)(?:([:@])(.+))?$/.exec(node.value) : null;
    if (!reference || (kind === 'environments' && bareEnvironmentName(reference[0]))) continue;
    const [whole, name = '', separator, version] = reference;
    const versions = names.versions(kind, name);
    if (versions === undefined || (versions && (separator !== ':' || versions.includes(version!)))) continue;
    const close = versions ? undefined : nearest(name, names.names(kind));
    document.report(
      node,
      'AssetNotFound',
      versions
        ? `The ${nouns[kind]} "${name}" has no version "${version}" on the plane.`
        : `There is no ${nouns[kind]} "${name}" on the plane (${whole}).`,
      versions ? `It has ${versions.slice(0, 8).join(', ') || 'none'}.` : close ? `Did you mean "azureml:${close}"?` : undefined,
      codes.AssetNotFound.severity,
    );
  }
}
