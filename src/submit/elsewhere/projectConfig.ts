import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Document, isMap, parseDocument } from 'yaml';
import { UserError } from '../../base/userError.ts';

/** What a compute is called on each plane: by the name or the address of the plane, then by the name that files use. */
export type ComputeNames = Readonly<Record<string, Readonly<Record<string, string>>>>;

const place = path.join('.updraft', 'config.yml');

/** `.updraft/config.yml` of the nearest folder around a file that has one. */
export function configAround(file: string): string | undefined {
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    const found = path.join(folder, place);
    if (existsSync(found)) return found;
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** Where a config is written that is not there yet: at the top of the repository, else beside the file. */
function newConfigFor(file: string): string {
  const beside = path.dirname(path.resolve(file));
  for (let folder = beside; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return path.join(folder, place);
    if (folder === path.dirname(folder)) return path.join(beside, place);
  }
}

/** What the computes that a file names are called on other planes. Throws `InvalidValue` where the config is not what it should be. */
export function computeNamesFor(file: string): ComputeNames {
  const config = configAround(file);
  return config === undefined ? {} : computesIn(config, read(config));
}

/** Keeps what a compute is called on a plane; answers the file that says it. What else it says stays, comments too. */
export function rememberCompute(file: string, plane: string, here: string, there: string): string {
  const found = configAround(file);
  const config = found ?? newConfigFor(file);
  const document = found === undefined ? parseDocument('# What computes are called on other planes.\n{}\n') : read(found);
  // What is wrong with it must not be written over.
  if (found !== undefined) computesIn(found, document);
  else document.contents = document.createNode({});
  document.setIn(['computes', plane, here], there);
  mkdirSync(path.dirname(config), { recursive: true });
  const temporary = `${config}.${randomUUID().slice(0, 8)}.tmp`;
  writeFileSync(temporary, document.toString());
  renameSync(temporary, config);
  return config;
}

function read(config: string): Document {
  const document = parseDocument(readFileSync(config, 'utf8'));
  const [error] = document.errors;
  if (!error) return document;
  const [start] = error.linePos ?? [];
  throw new UserError('YamlSyntax', 'The file is no YAML.', 'Correct it, or delete it: it is made anew.', {
    file: config,
    ...(start ? { line: start.line, column: start.col } : {}),
  });
}

function computesIn(config: string, document: Document): ComputeNames {
  const wrong = () =>
    new UserError('InvalidValue', '"computes" must have a map of names for each plane.', 'Write "computes: { PLANE: { HERE: THERE } }".', {
      file: config,
    });
  if (document.contents !== null && !isMap(document.contents)) throw wrong();
  const { computes } = (document.toJS() ?? {}) as { computes?: unknown };
  if (computes === undefined || computes === null) return {};
  if (!isRecord(computes)) throw wrong();
  for (const names of Object.values(computes))
    if (!isRecord(names) || !Object.values(names).every((each) => typeof each === 'string' && each !== '')) throw wrong();
  return computes as ComputeNames;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
