import { isScalar } from 'yaml';
import type { AssetNames } from '../spec/checkAssets.ts';
import type { Severities } from '../spec/codes.ts';
import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import { SpecDocument } from '../spec/document.ts';
import { isComponentKind } from '../spec/kind.ts';
import type { Kind } from '../spec/kinds/all.ts';
import { type LoadResult, loadSpec } from '../spec/load.ts';
import { type Occurrence, occurrencesIn, readSymbol, symbolOf } from './occurrences.ts';
import { recognise } from './recognise.ts';
import type { OurFile, Workspace } from './workspace.ts';

/** The disk as the index sees it; synchronous. */
export interface Disk extends FileSource {
  list(folder: string): { name: string; kind: 'file' | 'folder' }[];
  /** Something that changes when a file's content does; undefined when there is none. */
  stamp(path: string): string | undefined;
}

/** What is kept of a file that is not open. */
interface Facts {
  kind: Kind | undefined;
  name: string;
  description?: string;
  places: Occurrence[];
  symbols: Set<string>;
}

/** Files that are read at once where nobody told of them. */
const mostNew = 200;
/** Files that are kept parsed beside the open ones. */
const parsedLimit = 100;
/** Milliseconds for which the disk is not asked again about the same path. */
const statMs = 1000;
const mayBeOurs =
  /azureml|promptflow|^(?:type|jobs|command|component|trial|path|conda_file|image|endpoint_name|auth_mode|entities|nodes|task)\s*:/m;

/**
 * The YAML files of a workspace and what they name. Open documents count as the editor has them; the rest as on disk.
 * Every method answers at once; `changed` and `removed` tell it about the disk.
 */
export class WorkspaceIndex implements Workspace {
  readonly files: FileSource;
  private readonly disk: Disk;
  private readonly clock: () => number;
  private readonly opened = new Map<string, SpecDocument>();
  private readonly facts = new Map<string, Facts & { version?: number }>();
  private readonly users = new Map<string, Set<string>>();
  private readonly parsed = new Map<string, { stamp: string | undefined; ours: OurFile | undefined }>();
  private readonly kinds = new Map<string, { kind: 'file' | 'folder' | undefined; at: number }>();
  private severities: Severities = {};
  private names: AssetNames | undefined;
  private readonly loaded = new Map<string, LoadResult>();
  private readonly recognised = new WeakMap<SpecDocument, { version: number; ours: OurFile | undefined }>();

  constructor(disk: Disk, snapshotSize: FileSource['snapshotSize'] = undefined, clock: () => number = () => performance.now()) {
    this.disk = disk;
    this.clock = clock;
    this.files = {
      readText: (path) => this.opened.get(path)?.text ?? disk.readText(path),
      kind: (path) => this.kindOf(path),
      ...(snapshotSize ? { snapshotSize } : {}),
    };
  }

  /** How many files of Azure ML are known. */
  get size(): number {
    return this.facts.size;
  }

  /** Takes a document into account as the editor has it, from now on. */
  openDocument(document: SpecDocument): void {
    this.opened.set(document.file, document);
    this.kinds.delete(document.file);
    this.touch(document.file);
  }

  closeDocument(file: string): void {
    this.opened.delete(file);
    this.changed(file);
  }

  /** An open document was edited. */
  edited(file: string): void {
    this.touch(file);
  }

  /** A file on disk is new or other than before. Answers the files that name it, directly or through components. */
  changed(file: string): string[] {
    this.kinds.delete(file);
    this.parsed.delete(file);
    this.touch(file);
    if (!this.opened.has(file) && /\.ya?ml$/i.test(file)) this.read(file);
    return this.dependents(file);
  }

  /** Whether a path, or anything below it, is open, one of ours, or named by one of ours. */
  concerns(path: string): boolean {
    const isAt = (each: string) => each === path || each.startsWith(`${path}/`);
    for (const known of [this.opened, this.facts, this.users]) for (const each of known.keys()) if (isAt(each)) return true;
    return false;
  }

  /** A file or folder is gone. */
  removed(file: string): string[] {
    const isGone = (path: string) => path === file || path.startsWith(`${file}/`);
    // Also what was named and is none of ours.
    const named = [...this.users.keys()].filter(isGone);
    const dependents = new Set([file, ...named].flatMap((each) => this.dependents(each)));
    for (const each of [...this.facts.keys()]) if (isGone(each)) this.forget(each);
    this.kinds.clear();
    for (const each of [...this.parsed.keys()]) if (isGone(each)) this.parsed.delete(each);
    for (const each of [file, ...named]) this.touch(each);
    return [...dependents];
  }

  /** Reads a file of the workspace into the index; cheap for YAML that is none of ours. */
  read(file: string): void {
    if (this.opened.has(file)) return;
    const text = this.disk.readText(file);
    if (text === undefined || !mayBeOurs.test(text)) {
      this.forget(file);
      return;
    }
    const ours = recognise(new SpecDocument(file, text));
    if (ours) this.remember(file, ours);
    else this.forget(file);
  }

  open(path: string): OurFile | undefined {
    const document = this.opened.get(path);
    if (document) return this.recognise(document);
    const stamp = this.disk.stamp(path);
    const kept = this.parsed.get(path);
    if (kept && kept.stamp === stamp) {
      // The most recently used stay.
      this.parsed.delete(path);
      this.parsed.set(path, kept);
      return kept.ours;
    }
    const text = stamp === undefined ? undefined : this.disk.readText(path);
    const ours = text === undefined ? undefined : recognise(new SpecDocument(path, text));
    this.parsed.set(path, { stamp, ours });
    if (this.parsed.size > parsedLimit) this.parsed.delete(this.parsed.keys().next().value!);
    return ours;
  }

  list = (folder: string): { name: string; kind: 'file' | 'folder' }[] => this.disk.list(folder);

  occurrences(symbols: readonly string[]): (Occurrence & { file: string })[] {
    this.refresh();
    const found: (Occurrence & { file: string })[] = [];
    for (const [file, { symbols: known, places }] of this.facts)
      if (symbols.some((symbol) => known.has(symbol)))
        for (const each of places) if (symbols.includes(each.symbol)) found.push({ ...each, file });
    return found;
  }

  declarations(query: string): (Occurrence & { file: string; name: string })[] {
    this.refresh();
    const found: (Occurrence & { file: string; name: string })[] = [];
    const wanted = query.toLowerCase();
    for (const [file, { places, name: ownName }] of this.facts)
      for (const each of places) {
        const { kind, name: itsName } = readSymbol(each.symbol);
        const name = kind === 'file' ? ownName : itsName;
        // A component is found as its file.
        if (kind === 'component' || each.role !== 'declaration' || !isSubsequence(wanted, name.toLowerCase())) continue;
        found.push({ ...each, file, name });
        if (found.length >= 500) return found;
      }
    return found;
  }

  usersOf(path: string): string[] {
    this.refresh();
    return [...(this.users.get(path) ?? [])].filter((file) => file !== path).sort();
  }

  /** The files of Azure ML that are known, with their kind where they have one. */
  ourFiles(): { path: string; kind: Kind | undefined }[] {
    this.refresh();
    return [...this.facts].map(([path, { kind }]) => ({ path, kind }));
  }

  componentFiles(folder?: string): { path: string; name: string; description?: string }[] {
    this.refresh();
    if (folder !== undefined) this.readNew(folder);
    return [...this.facts].flatMap(([path, { kind, name, description }]) =>
      isComponentKind(kind) ? [{ path, name, ...(description ? { description } : {}) }] : [],
    );
  }

  /** Reads the YAML files of a folder that are not known: editors tell of new files late, and some never do. */
  private readNew(folder: string): void {
    const own = folder.replace(/\/$/, '');
    let read = 0;
    for (const { name, kind } of this.disk.list(own)) {
      const file = `${own}/${name}`;
      if (kind !== 'file' || !/\.ya?ml$/i.test(name) || this.facts.has(file)) continue;
      if (++read > mostNew) return;
      this.read(file);
    }
  }

  /** Severities that a person wants, by code. */
  setSeverities(severities: Severities): void {
    this.severities = severities;
    this.loaded.clear();
  }

  /** What the plane has, and from then on whenever that may be something else. */
  setNames(names: AssetNames): void {
    this.names = names;
    this.checkAnew();
  }

  /** What checks of component files found may be something else now. */
  checkAnew(): void {
    this.loaded.clear();
  }

  check(path: string): Diagnostic[] {
    const document = this.opened.get(path) ?? this.open(path)?.document;
    if (!document) return [];
    const { severities, loaded, names } = this;
    const isPart = (this.users.get(path)?.size ?? 0) > 0;
    return loadSpec(path, this.files, { document, loaded, severities, isPart, ...(names ? { names } : {}) }).diagnostics;
  }

  /** Files that name a file, and files that name those. */
  dependents(file: string): string[] {
    const found = new Set<string>();
    // The file itself is being typed in; what it names changes nothing for those that name it.
    this.refresh(file);
    const visit = (path: string) => {
      for (const user of this.users.get(path) ?? [])
        if (user !== file && !found.has(user)) {
          found.add(user);
          visit(user);
        }
    };
    visit(file);
    return [...found];
  }

  private recognise(document: SpecDocument): OurFile | undefined {
    const kept = this.recognised.get(document);
    if (kept?.version === document.version) return kept.ours;
    const ours = recognise(document);
    this.recognised.set(document, { version: document.version, ours });
    return ours;
  }

  /** Forgets what was loaded of a file and of what contains it. */
  private touch(file: string): void {
    if (this.loaded.size === 0) return;
    this.loaded.delete(file);
    for (const [path, { spec }] of this.loaded) if (spec && contains(spec, file)) this.loaded.delete(path);
  }

  private kindOf(path: string): 'file' | 'folder' | undefined {
    if (this.opened.has(path)) return 'file';
    const known = this.kinds.get(path);
    const now = this.clock();
    if (known && now - known.at < statMs) return known.kind;
    if (this.kinds.size > 50_000) this.kinds.clear();
    const kind = this.disk.kind(path);
    this.kinds.set(path, { kind, at: now });
    return kind;
  }

  /** Brings the facts of edited documents up to date. */
  private refresh(except?: string): void {
    for (const [file, document] of this.opened) {
      if (file === except || this.facts.get(file)?.version === document.version) continue;
      const ours = this.recognise(document);
      if (ours) this.remember(file, ours, document.version);
      else this.forget(file);
    }
  }

  private remember(file: string, { document, kind }: OurFile, version?: number): void {
    this.forget(file);
    const places = occurrencesIn(document);
    // A file is declared where it says its name.
    const named = document.at(['name']);
    const text = (key: string) => {
      const node = document.at([key]);
      return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
    };
    const symbols = [symbolOf('file', file, '', ''), ...(isComponentKind(kind) ? [symbolOf('component', '', '', text('name') ?? '')] : [])];
    if (named?.range)
      for (const symbol of symbols) places.push({ symbol, role: 'declaration', start: named.range[0], end: named.range[1] });
    const base = file
      .split('/')
      .at(-1)!
      .replace(/\.ya?ml$/i, '');
    const description = text('description');
    this.facts.set(file, {
      kind,
      name: text('name') ?? base,
      ...(description ? { description } : {}),
      places,
      symbols: new Set(places.map(({ symbol }) => symbol)),
      ...(version === undefined ? {} : { version }),
    });
    for (const { symbol } of places) {
      const { kind: what, file: target } = readSymbol(symbol);
      if (what === 'file' && target !== file) this.users.set(target, (this.users.get(target) ?? new Set()).add(file));
    }
  }

  private forget(file: string): void {
    const known = this.facts.get(file);
    if (!known) return;
    this.facts.delete(file);
    for (const symbol of known.symbols) {
      const { kind, file: target } = readSymbol(symbol);
      if (kind === 'file') this.users.get(target)?.delete(file);
    }
  }
}

function contains(spec: NonNullable<LoadResult['spec']>, file: string): boolean {
  for (const component of spec.components.values()) if (component.file === file || contains(component, file)) return true;
  return false;
}

function isSubsequence(wanted: string, text: string): boolean {
  let at = 0;
  for (const char of wanted) {
    at = text.indexOf(char, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
