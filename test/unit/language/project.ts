import { type Context, noNames, type PlaneNames } from '../../../src/language/workspace.ts';
import { type Disk, WorkspaceIndex } from '../../../src/language/workspaceIndex.ts';
import type { SpecDocument as Document } from '../../../src/spec/document.ts';
import { SpecDocument } from '../../../src/spec/document.ts';

/** A workspace whose disk is a table of files below `/w`; one of them may carry the cursor, `|`. */
export interface Project {
  index: WorkspaceIndex;
  document: Document;
  context: Context;
  offset: number;
  files: Record<string, string>;
}

/** Opens `main` of a workspace. `|` in its text marks the cursor and is taken out; `\|` stands for the character itself. */
export function project(marked: string, more: Record<string, string> = {}, options: { names?: PlaneNames; main?: string } = {}): Project {
  const { text, offset } = cursorIn(marked);
  const main = options.main ?? 'main.yml';
  const files: Record<string, string> = { ...more, [main]: text };
  const disk: Disk = {
    readText: (file) => files[file.slice(3)],
    kind: (file) => (file.slice(3) in files ? 'file' : isFolder(file.slice(3)) ? 'folder' : undefined),
    stamp: (file) => files[file.slice(3)],
    list(folder) {
      const prefix = folder === '/w' ? '' : `${folder.slice(3)}/`;
      const found = new Map<string, 'file' | 'folder'>();
      for (const file of Object.keys(files)) {
        if (!file.startsWith(prefix)) continue;
        const [name, rest] = file.slice(prefix.length).split('/') as [string, string | undefined];
        found.set(name, rest === undefined ? 'file' : 'folder');
      }
      return [...found].map(([name, kind]) => ({ name, kind }));
    },
  };
  const isFolder = (path: string) => Object.keys(files).some((file) => file.startsWith(`${path}/`));
  const index = new WorkspaceIndex(disk);
  for (const file of Object.keys(files)) if (/\.ya?ml$/.test(file)) index.read(`/w/${file}`);
  const document = new SpecDocument(`/w/${main}`, text);
  index.openDocument(document);
  index.setNames((options.names ?? noNames).assets);
  const ours = index.open(document.file);
  if (!ours) throw new Error(`The file is none of ours:\n${text}`);
  return { index, document, context: { ours, workspace: index, names: options.names ?? noNames }, offset, files };
}

export function cursorIn(marked: string): { text: string; offset: number } {
  const at = marked.search(/(?<!\\)\|/);
  if (at < 0) return { text: marked.replaceAll('\\|', '|'), offset: 0 };
  const before = marked.slice(0, at).replaceAll('\\|', '|');
  return { text: before + marked.slice(at + 1).replaceAll('\\|', '|'), offset: before.length };
}

/** The text after edits of one file. */
export function applied(
  document: Document,
  edits: readonly { range: { start: { line: number; character: number }; end: { line: number; character: number } }; newText: string }[],
): string {
  const at = ({ line, character }: { line: number; character: number }) => document.lineStart(line) + character;
  return [...edits]
    .sort((a, b) => at(b.range.start) - at(a.range.start))
    .reduce((text, { range, newText }) => text.slice(0, at(range.start)) + newText + text.slice(at(range.end)), document.text);
}

export const trainComponent = `$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: train
description: Fits a model.
type: command
inputs:
  data:
    type: uri_folder
    description: The table.
  rate:
    type: number
    default: 0.1
  note:
    type: string
    optional: true
outputs:
  model:
    type: custom_model
code: ./src
command: python train.py --data \${{inputs.data}} --rate \${{inputs.rate}} $[[--note \${{inputs.note}}]] --model \${{outputs.model}}
environment: azureml:env:1
`;

export const scoreComponent = `$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: score
type: command
inputs:
  model:
    type: custom_model
  table:
    type: uri_file
outputs:
  scores:
    type: uri_folder
command: score \${{inputs.model}} \${{inputs.table}} \${{outputs.scores}}
environment: azureml:env:1
`;

export const files = {
  'train.yml': trainComponent,
  'parts/score.yml': scoreComponent,
  'src/train.py': `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--data", type=str, required=True, help="folder with the table")
parser.add_argument("--rate", type=float, default=0.1)
parser.add_argument("-e", "--epochs", type=int, default=3, help="passes over the data")
parser.add_argument("--verbose", action="store_true")
parser.add_argument("--model")
`,
  'data/a.csv': '1',
};
