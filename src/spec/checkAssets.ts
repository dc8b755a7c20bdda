import { nearest } from '../base/nearest.ts';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';
import { bareEnvironmentName } from './environmentName.ts';
import type { Use } from './validate.ts';

export type NamedAsset = 'environments' | 'data' | 'models' | 'components' | 'computes';

/** What a plane has, as far as that is known now. Answers at once. */
export interface AssetNames {
  /** Whether there is such a version, or without one anything of that name; undefined while it is not known. */
  has(kind: NamedAsset, name: string, version?: string): boolean | undefined;
  /** Versions, newest first, and names that a message about something missing may propose. */
  versions(kind: NamedAsset, name: string): readonly string[];
  names(kind: NamedAsset): readonly string[];
  /** What a component declares, without a version the newest one; undefined while it is not known. The same object while it says the same. */
  component(name: string, version?: string): Record<string, unknown> | undefined;
}

const nouns: Record<NamedAsset, string> = {
  environments: 'environment',
  data: 'data asset',
  models: 'model',
  components: 'component',
  computes: 'compute',
};
/** Computes that are no resource of a plane. */
const builtIn = ['local', 'serverless'];

/** Warns about assets and computes that the plane does not have. Says nothing of what is not known. */
export function checkAssets(document: SpecDocument, uses: readonly Use[], names: AssetNames): void {
  for (const { path, field, text } of uses) {
    const reference = text === undefined ? undefined : referenceIn(field.assetKind, text);
    if (!reference || names.has(reference.kind, reference.name, reference.version) !== false) continue;
    const { kind, name, version } = reference;
    const versions = version === undefined ? [] : names.versions(kind, name);
    const close = versions.length ? undefined : nearest(name, names.names(kind));
    document.report(
      document.at(path),
      'AssetNotFound',
      versions.length
        ? `The ${nouns[kind]} "${name}" has no version "${version}" on the plane.`
        : `There is no ${nouns[kind]} "${name}" on the plane (${text}).`,
      versions.length ? `It has ${versions.slice(0, 8).join(', ')}.` : close ? `Did you mean "${close}"?` : undefined,
      codes.AssetNotFound.severity,
    );
  }
}

/** What of a plane a value names; undefined for paths, addresses, ids, expressions and what a registry has. */
export function referenceIn(kind: string | undefined, text: string): { kind: NamedAsset; name: string; version?: string } | undefined {
  if (kind === 'computes') {
    const [, name] = /^(?:azureml:)?([\w.-]+)$/.exec(text) ?? [];
    return name === undefined || builtIn.includes(name.toLowerCase()) ? undefined : { kind, name };
  }
  if (kind !== 'environments' && kind !== 'data' && kind !== 'models' && kind !== 'components') return undefined;
  const [, name, separator, version] = /^azureml:([^:@/]+)(?:([:@])(.+))?$/.exec(text) ?? [];
  if (name === undefined || (kind === 'environments' && bareEnvironmentName(text))) return undefined;
  return { kind, name, ...(separator === ':' && version !== undefined ? { version } : {}) };
}
