import { isScalar } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { type Interface, interfaceAt, interfaceOfStep, type Port } from './interfaces.ts';
import type { Workspace } from './workspace.ts';

/** An expression at an offset: its path, its offsets (braces included) and the path of the job in which it stands. */
export interface ExpressionAt {
  path: string[];
  start: number;
  end: number;
  /** Path of the job or step around it. */
  job: string[];
}

/** The `${{ … }}` around an offset, read from its line. */
export function expressionAt(document: SpecDocument, offset: number, path: readonly (string | number)[]): ExpressionAt | undefined {
  const line = document.lineAt(offset);
  const from = document.lineStart(line);
  const text = document.text.slice(from, Math.min(document.lineEnd(line), from + 20_000));
  for (const match of text.matchAll(/\$\{\{\s*([^{}]*?)\s*\}\}/g)) {
    const start = from + match.index;
    const end = start + match[0].length;
    if (start <= offset && offset <= end) return { path: match[1]!.split('.'), start, end, job: jobAround(path) };
  }
  return undefined;
}

/** Path of the innermost step that a path leads into; `[]` for the file's own job. */
export function jobAround(path: readonly (string | number)[]): string[] {
  const keys = path.map(String);
  const jobs = keys.lastIndexOf('jobs');
  return jobs >= 0 && keys.length > jobs + 1 ? keys.slice(0, jobs + 2) : [];
}

/** What an expression means: the input or output, where it is declared, and the value where one is written. */
export interface Resolved {
  port: Port;
  of: Interface;
  direction: 'inputs' | 'outputs';
  /** Words for where it comes from. */
  origin: string;
  value?: unknown;
}

/** Follows an expression to what it names; undefined when that does not exist here. */
export function resolveExpression(document: SpecDocument, { path, job }: ExpressionAt, workspace: Workspace): Resolved | undefined {
  const [first, second, ...rest] = path;
  const find = (of: Interface | undefined, direction: 'inputs' | 'outputs', name: string, origin: string): Resolved | undefined => {
    const port = of?.[direction].find((each) => each.name === name);
    if (!of || !port) return undefined;
    const value = of.document.at([...of.path, direction, name]);
    const written = isScalar(value) ? value.value : of.document.toValue(value);
    const facts = written as Record<string, unknown> | null | undefined;
    const plain = facts && typeof facts === 'object' ? (facts.path ?? facts.value ?? facts.default) : written;
    return { port, of, direction, origin, ...(plain === undefined || plain === null ? {} : { value: plain }) };
  };
  if (first === 'inputs' || first === 'outputs') {
    const name = path.slice(1).join('.');
    const where = job.length ? `of the step "${job.at(-1)}"` : 'of this job';
    return find(interfaceAt(document, job), first, name, `${first.slice(0, -1)} ${where}`);
  }
  if (first !== 'parent') return undefined;
  const parent = job.slice(0, -2);
  if (second === 'inputs' || second === 'outputs')
    return find(interfaceAt(document, parent), second, rest.join('.'), `${second.slice(0, -1)} of the pipeline`);
  const [step, direction, ...name] = rest;
  if (second !== 'jobs' || !step || (direction !== 'outputs' && direction !== 'inputs')) return undefined;
  return find(
    interfaceOfStep(document, [...parent, 'jobs', step], workspace),
    direction,
    name.join('.'),
    `${direction.slice(0, -1)} of the step "${step}"`,
  );
}
