import path from 'node:path';
import { plural } from '../../base/text.ts';
import { codeNames, codePage, codes, type DiagnosticCode } from '../../spec/codes.ts';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { diagnosticText } from '../diagnosticText.ts';

export const formats = { text, json, sarif, github };
export type Format = keyof typeof formats;

/** Relative to the current folder where it is below it. */
const shown = (file: string): string => {
  const relative = path.relative(process.cwd(), file);
  return (relative.startsWith('..') ? file : relative).split(path.sep).join('/');
};
const messageOf = ({ message, hint }: Diagnostic): string => (hint ? `${message} ${hint}` : message);

function text(found: readonly Diagnostic[], files: number): string {
  const count = (severity: string) => found.filter((each) => each.severity === severity).length;
  const errors = count('error');
  return [
    ...found.map(diagnosticText),
    errors ? `${plural(errors, 'error')} in ${plural(files, 'file')}.` : `${plural(files, 'file')} checked: no errors.`,
  ].join('\n');
}

function json(found: readonly Diagnostic[]): string {
  return JSON.stringify(
    found.map((each) => ({
      file: shown(each.file),
      line: each.range.start.line,
      column: each.range.start.column,
      endLine: each.range.end.line,
      endColumn: each.range.end.column,
      severity: each.severity,
      code: each.code,
      message: messageOf(each),
    })),
    null,
    2,
  );
}

/** SARIF 2.1.0, as code scanning takes it. */
function sarif(found: readonly Diagnostic[], _files: number, version: string): string {
  const level = { error: 'error', warning: 'warning', information: 'note' } as const;
  return JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'Updraft',
              version,
              rules: codeNames.map((code: DiagnosticCode) => ({
                id: code,
                shortDescription: { text: codes[code].what },
                fullDescription: { text: codes[code].why },
                help: { text: `${codes[code].fix} See ${codePage(code)}.` },
                defaultConfiguration: { level: level[codes[code].severity] },
              })),
            },
          },
          columnKind: 'utf16CodeUnits',
          results: found.map((each) => ({
            ruleId: each.code,
            level: level[each.severity],
            message: { text: messageOf(each) },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: encodeURI(shown(each.file)) },
                  region: {
                    startLine: each.range.start.line,
                    startColumn: each.range.start.column,
                    endLine: each.range.end.line,
                    endColumn: each.range.end.column,
                  },
                },
              },
            ],
          })),
        },
      ],
    },
    null,
    2,
  );
}

/** Workflow commands of GitHub Actions, which mark the lines of a pull request. */
function github(found: readonly Diagnostic[], files: number): string {
  const data = (value: string) => value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (value: string) => data(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const word = { error: 'error', warning: 'warning', information: 'notice' } as const;
  const lines = found.map(
    (each) =>
      `::${word[each.severity]} file=${property(shown(each.file))},line=${each.range.start.line},endLine=${each.range.end.line},col=${each.range.start.column},endColumn=${each.range.end.column},title=${property(each.code)}::${data(messageOf(each))}`,
  );
  return [...lines, `${plural(files, 'file')} checked, ${plural(found.length, 'finding')}.`].join('\n');
}
