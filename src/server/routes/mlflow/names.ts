import path from 'node:path/posix';
import { invalid, invalidValue, missing } from './request.ts';

/** Most characters of keys and values: mlflow/utils/validation.py. */
export const lengthLimits = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentName: 500,
  experimentTag: 20_000,
  registryTag: 100_000,
  alias: 255,
  datasetName: 500,
  datasetDigest: 36,
  datasetSchema: 1_048_575,
  datasetSource: 65_535,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
} as const;

/** Whether a text has more than `limit` characters: what JavaScript counts as two is one of them. */
export const isLonger = (text: string, limit: number): boolean => text.length > limit && [...text].length > limit;

/** Throws when the text is longer than `limit` characters. */
export function checkLength(what: string, limit: number, text: string): void {
  if (isLonger(text, limit)) throw invalid(`'${what}' exceeds the maximum length of ${limit} characters`);
}

/** The name of a metric, param or tag: it must stay itself when it is taken for a path. `at` is its place in the request. */
export function checkName(name: unknown, at: string): asserts name is string {
  if (name === undefined || name === null || name === '') throw missing(at);
  if (typeof name !== 'string') throw invalidValue(at, name);
  if (!/^[/\w.\- :\p{L}\p{N}]*$/u.test(name))
    throw invalidValue(
      at,
      name,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  checkPathLike(name, at);
}

/** Refuses a name that would be another when taken for a path. */
export function checkPathLike(name: string, at: string): void {
  const normal = path.normalize(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/') || normal.endsWith('/'))
    throw invalidValue(
      at,
      name,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
}

/** The name of a registered model. */
export function checkModelName(name: string | undefined, at = 'name'): asserts name is string {
  if (name === undefined || name.trim() === '') throw missing(at);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkPathLike(name, at);
}

/** The name of an alias of a registered model; `isNew`: it is about to be given. */
export function checkAlias(alias: string | undefined, isNew: boolean): asserts alias is string {
  if (alias === undefined || alias === '') throw invalid('Registered model alias name cannot be empty.');
  if (!/^[\w-]*$/.test(alias))
    throw invalid(`Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`);
  checkLength('Registered model alias name', lengthLimits.alias, alias);
  if (!isNew) return;
  if (alias.toLowerCase() === 'latest') throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
}

const adjectives =
  'able,agile,amber,bold,brave,bright,calm,clever,crisp,eager,fair,fancy,fleet,gentle,glad,grand,keen,kind,lively,lucky'.split(',');
const nouns =
  'auk,bass,bear,crane,crow,deer,dove,elk,finch,fox,gnu,hare,hawk,ibis,jay,koi,lark,lynx,mink,newt,owl,pike,rook,seal,swan,tern,wren'.split(
    ',',
  );

/** A name for what came without one, such as `bold-finch-417`. */
export function someName(): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;
  return `${pick(adjectives)}-${pick(nouns)}-${Math.floor(Math.random() * 1000)}`;
}
