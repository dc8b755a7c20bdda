import { isScalar } from 'yaml';
import { codes } from './codes.ts';
import type { FileSource, Severity } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { type Facts, matches } from './field.ts';
import { beside, isLocalPath } from './paths.ts';
import { snapshotLimit, tooLarge } from './snapshotSize.ts';
import type { Use } from './validate.ts';

type PathKind = NonNullable<Facts['pathKind']>;

export interface FactOptions {
  /** Says what is done differently here. */
  localNotes: boolean;
  /** The job is about to be submitted: data must be there now. */
  mustRunHere: boolean;
}

/** Checks what fields say of their values: that paths exist, that secrets are not in the file, what is deprecated or different here. */
export function checkFacts(
  document: SpecDocument,
  uses: readonly Use[],
  files: FileSource,
  { localNotes, mustRunHere }: FactOptions,
): void {
  const said = new Set<string>();
  for (const { path, field, text } of uses) {
    const key = path.at(-1);
    const at = () => (typeof key === 'string' ? document.pair(path.slice(0, -1), key) : undefined) ?? document.at(path);
    // What is no path of this kind at all is said where it is held against its schema.
    const isPath = field.pathKind && !(field.pattern && text !== undefined && !matches(field.pattern, text));
    if (isPath && field.pathKind && field.pathKind !== 'script')
      checkPath(document, path, text, field.pathKind, files, field.mustExist || mustRunHere ? 'error' : 'warning');
    if (field.isSnapshot) checkSnapshot(document, path, files);
    if (field.secret) checkSecret(document, path);
    if (field.deprecated && path.length > 0)
      document.report(at(), 'Deprecated', `"${key}" is deprecated.`, field.deprecationMessage, codes.Deprecated.severity);
    // Once a file: it is the same everywhere.
    if (localNotes && field.localNote && path.length > 0 && !said.has(field.localNote)) {
      said.add(field.localNote);
      document.report(at(), 'LocalDifference', field.localNote, undefined, codes.LocalDifference.severity);
    }
  }
}

function checkPath(
  document: SpecDocument,
  path: (string | number)[],
  given: string | undefined,
  wanted: PathKind,
  files: FileSource,
  severity: Severity,
): void {
  if (given === undefined || given.trim() === '' || !isLocalPath(given)) return;
  const found = files.kind(beside(document.file, given));
  // Azure's client makes the archive of the folder beside it.
  if (!found && path.at(-2) === 'additional_includes' && /\.zip$/.test(given) && files.kind(beside(document.file, given.slice(0, -4))))
    return;
  if (found && (wanted === 'fileOrFolder' || wanted === 'folder' || found === 'file')) return;
  const what = nameOfPath(path, wanted);
  const meant = found ? undefined : otherSpelling(given, (each) => files.kind(beside(document.file, each)) !== undefined);
  document.report(
    document.at(path),
    'MissingFile',
    found
      ? `${what} ${given} is a ${found}.`
      : wanted === 'fileOrFolder'
        ? `${what} is not there: ${given}.`
        : `${what} ${given} does not exist.`,
    meant
      ? `Did you mean "${meant}"?`
      : /^(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])/.test(given)
        ? undefined
        : 'Paths are relative to this file.',
    severity,
  );
}

/** The same path with the other ending that YAML files have, or with the one that was left out, where that is there. */
function otherSpelling(path: string, isThere: (path: string) => boolean): string | undefined {
  const bare = path.replace(/\.ya?ml$/i, '');
  const hasOther = /\.\w+$/.test(path) && bare === path;
  return hasOther ? undefined : ['.yml', '.yaml'].map((ending) => bare + ending).find((each) => each !== path && isThere(each));
}

/** A code folder that is larger than a snapshot may be, by what would be uploaded. */
function checkSnapshot(document: SpecDocument, path: (string | number)[], files: FileSource): void {
  const node = document.at(path);
  const folder = isScalar(node) && typeof node.value === 'string' && isLocalPath(node.value) ? node.value : undefined;
  if (folder === undefined || !files.snapshotSize) return;
  const listed = document.toValue(document.at([...path.slice(0, -1), 'additional_includes']));
  const includes = (Array.isArray(listed) ? listed : [])
    .filter((each) => typeof each === 'string')
    .map((each) => beside(document.file, each));
  const at = beside(document.file, folder);
  const found = files.kind(at) === 'folder' ? files.snapshotSize(at, includes) : undefined;
  if (!found || found.size <= snapshotLimit) return;
  const { message, hint } = tooLarge(folder, found);
  document.report(node, 'SnapshotTooLarge', message, hint, codes.SnapshotTooLarge.severity);
}

/** `The code folder`, `The component`, `The input "data"`: how a sentence calls what a path leads to. */
function nameOfPath(path: (string | number)[], wanted: PathKind): string {
  const key = String(path.findLast((each) => typeof each === 'string' && each !== 'path') ?? path.at(-1));
  if (wanted === 'component') return 'The component';
  if (wanted === 'folder') return `The ${key} folder`;
  if (wanted === 'file') return `The ${key.replace(/_/g, ' ')}`;
  const holder = path.at(-3);
  return holder === 'inputs' || holder === 'outputs' ? `The ${holder.slice(0, -1)} "${key}"` : `The ${path.length > 1 ? key : 'path'}`;
}

/** Nothing, an expression, or what stands for a secret that is filled in later: `<key>`, `${{…}}`, `$KEY`, `xxxx`. */
const noSecret = /^$|\$\{\{|^\$|^<.*>$|^\{\{.*\}\}$|^(?:x+|\*+|\.+|\?+|your[-_ ].*|placeholder.*|todo.*|change[-_ ]?me.*|dummy.*)$/i;

function checkSecret(document: SpecDocument, path: (string | number)[]): void {
  const node = document.at(path);
  const value = isScalar(node) ? node.value : undefined;
  if ((typeof value !== 'string' && typeof value !== 'number') || noSecret.test(String(value))) return;
  document.report(
    node,
    'SecretInFile',
    `"${path.at(-1)}" is a secret and stands here as plain text.`,
    'Leave it out and give it when you create the resource: --set.',
    codes.SecretInFile.severity,
  );
}
