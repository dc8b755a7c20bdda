import { isMap, isScalar, isSeq, parseDocument, Scalar, type YAMLSeq } from 'yaml';
import { UserError } from '../base/userError.ts';
import type { FileSource } from './diagnostic.ts';
import { beside } from './paths.ts';
import { pipLine, requirementLines } from './pipLine.ts';

/** Files that may name each other in a row. */
const mostLevels = 10;

/**
 * The text of a conda file that stands for itself wherever it is read: the lines of `-r` files in place of their names, and in place of other paths the
 * addresses under which `put` has placed what they lead to. `at` is the file whose folder its paths start from. A text without any stays as it is.
 */
export async function withReferences(
  text: string,
  at: string,
  files: FileSource,
  put: (local: string) => Promise<string>,
): Promise<string> {
  const document = parseDocument(text);
  let isChanged = false;
  for (const list of pipLists(document.contents)) {
    const items: unknown[] = [];
    for (const item of list.items) {
      const line = isScalar(item) ? String(item.value) : '';
      if (pipLine(line).kind === 'plain') {
        items.push(item);
        continue;
      }
      isChanged = true;
      for (const each of await resolved(line, at, at, files, put)) items.push(new Scalar(each));
    }
    list.items = items;
  }
  return isChanged ? document.toString({ lineWidth: 0 }) : text;
}

/** `pip` lists among the dependencies. */
function pipLists(root: unknown): YAMLSeq[] {
  const dependencies = isMap(root) ? root.get('dependencies') : undefined;
  if (!isSeq(dependencies)) return [];
  return dependencies.items.flatMap((item) => {
    const list = isMap(item) ? item.get('pip') : undefined;
    return isSeq(list) ? [list] : [];
  });
}

/** A line without paths of this machine. A path in a `-r` file starts from that file's folder when it names another such file, and else, as for pip, from the first one's. */
async function resolved(
  line: string,
  from: string,
  first: string,
  files: FileSource,
  put: (local: string) => Promise<string>,
  level = 0,
): Promise<string[]> {
  const found = pipLine(line);
  if (found.kind === 'plain') return [line];
  const local = beside(found.kind === 'lines' ? from : first, found.path);
  if (found.kind === 'local') {
    if (files.kind(local) === undefined) throw missing(line, local);
    return [`${found.before}${encodeURI(await put(local))}${found.after}`];
  }
  const text = files.readText(local);
  if (text === undefined) throw missing(line, local);
  if (level > mostLevels) throw new UserError('EnvironmentFailed', `The files that "${line}" leads to name each other in a circle.`);
  const lines = await Promise.all(requirementLines(text).map((each) => resolved(each, local, first, files, put, level + 1)));
  return lines.flat();
}

const missing = (line: string, local: string): UserError =>
  new UserError(
    'MissingFile',
    `The conda file's "${line}" leads to nothing: there is no ${local}.`,
    'Paths are relative to the conda file.',
  );

/** Refuses lines that name files of the machine on which the conda file was written: they did not come along with it. */
export function refuseStrayPaths(lines: readonly string[]): void {
  const stray = lines.find((line) => pipLine(line).kind !== 'plain' && !/azureml:\/\//.test(line));
  if (stray === undefined) return;
  throw new UserError(
    'EnvironmentFailed',
    `The conda file's "${stray}" names something beside it that did not come along: Azure's clients send the conda file alone.`,
    'Submit with "updraft job submit" or from VS Code, which send it too, or write the packages into the conda file.',
  );
}
