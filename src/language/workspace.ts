import type { AssetNames, NamedAsset } from '../spec/checkAssets.ts';
import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import type { SpecDocument } from '../spec/document.ts';
import type { Field } from '../spec/field.ts';
import type { Kind } from '../spec/kinds/all.ts';
import type { Occurrence } from './occurrences.ts';

/** A YAML file of Azure ML as features see it. */
export interface OurFile {
  document: SpecDocument;
  /** Undefined for a kind that is known by name only. */
  kind: Kind | undefined;
  /** The schema of the whole file. */
  field: Field | undefined;
}

/** What is known of the files around a document. Everything answers from memory or at once from disk. Paths are absolute. */
export interface Workspace {
  files: FileSource;
  /** Entries of a folder, folders first; empty when there is none. */
  list(folder: string): { name: string; kind: 'file' | 'folder' }[];
  /** A file as the editor has it, else as it is on disk; undefined for one that is none of Azure ML's. */
  open(path: string): OurFile | undefined;
  /** Places in all files where one of the symbols is declared or used. */
  occurrences(symbols: readonly string[]): (Occurrence & { file: string })[];
  /** Names of steps, inputs, outputs and files for the symbol search. */
  declarations(query: string): (Occurrence & { file: string; name: string })[];
  /** Files that name `path` as a component, or otherwise. */
  usersOf(path: string): string[];
  /** The YAML files of components, for completion and new pipelines; those in `folder` as they are on disk now. */
  componentFiles(folder?: string): { path: string; name: string; description?: string }[];
  /** What the checks say about a file and the files it names. */
  check(path: string): Diagnostic[];
}

/** A named thing on a plane. */
export interface PlaneName {
  name: string;
  latestVersion?: string;
  description?: string;
  tags?: Record<string, string>;
}

export type NamedKind =
  | 'environments'
  | 'data'
  | 'models'
  | 'components'
  | 'computes'
  | 'datastores'
  | 'experiments'
  | 'jobs'
  | 'endpoints';

/** Names of the connected plane. Each answer comes within 300 ms; undefined means that it is not known now, and nothing may be concluded from that. */
export interface PlaneNames {
  list(kind: NamedKind): Promise<PlaneName[] | undefined>;
  versions(kind: NamedKind, name: string): Promise<{ version: string; description?: string }[] | undefined>;
  /** What the plane's registries have of a kind. */
  shared(kind: NamedAsset): Promise<(PlaneName & { registry: string })[] | undefined>;
  /** What checks may conclude; answers at once. */
  assets: AssetNames;
}

/** What a feature works with. */
export interface Context {
  ours: OurFile;
  workspace: Workspace;
  names: PlaneNames;
}

export const noNames: PlaneNames = {
  list: async () => undefined,
  versions: async () => undefined,
  shared: async () => undefined,
  assets: { has: () => undefined, versions: () => [], names: () => [], component: () => undefined },
};
