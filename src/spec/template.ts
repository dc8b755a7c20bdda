import { stringify } from 'yaml';
import { expressionsIn } from './expression.ts';
import { type Field, follow } from './field.ts';
import { type GuessedInput, guessInputs } from './guessInputs.ts';
import { type Kind, kindFacts } from './kinds/all.ts';
import { flatten, variantValues } from './variant.ts';

/** Something that a new file can't be written without. */
export interface Question {
  /** Place of the answer: keys joined by `.`. */
  at: string;
  /** The key, as it is written. */
  title: string;
  /** The first sentence of its documentation. */
  about: string;
  /** The words that may be chosen, where there are some. */
  choices?: { value: string; about: string }[];
  /** What stands there until somebody writes something else. */
  sample: string;
  /** What an answer must match, and that in words. */
  pattern?: string;
  patternHint?: string;
}

/** Answers by the place of their question. */
export type Answers = ReadonlyMap<string, string>;

/** Maps inside of maps that are followed. */
const depthLimit = 6;

/** What has to be asked for a new file of a kind, in order: which variant of the kind first, because the rest follows from it. */
export function questionsOf(kind: Kind, answers: Answers = new Map()): Question[] {
  const questions: Question[] = [];
  const { schema, starts, title } = kindFacts[kind];
  build(schema, [], answers, starts, (question) => questions.push(question));
  // What tells the variants apart is described by each of them, not as a whole.
  return questions.map((each) => (each.about ? each : { ...each, about: `Which sort of ${title.replace(/^an? /, '')}.` }));
}

/**
 * The YAML of a new file: the required keys, and those that a file of this kind usually begins with. A key that the user gave no value for gets a sample value. The
 * file has no errors, except where it names other files that are not there. `readText` reads a file; it is asked for the script of a command, whose arguments become
 * the inputs.
 */
export function templateOf(kind: Kind, answers: Answers = new Map(), readText: ReadText = () => undefined): string {
  const { schema, starts, names } = kindFacts[kind];
  const value = build(schema, [], answers, starts, () => {}, readText) as Record<string, unknown>;
  const { type, ...rest } = value;
  const first = names?.includes('flow') ? {} : { $schema: `https://azuremlschemas.azureedge.net/latest/${kind}.schema.json` };
  return stringify({ ...first, ...(type === undefined ? {} : { type }), ...rest }, { lineWidth: 0, aliasDuplicateObjects: false });
}

type Ask = (question: Question) => void;
/** The text of a file, by its path from the folder of the YAML. */
export type ReadText = (path: string) => string | undefined;

/** The value of a field with what it must have, and everything that is open about it. */
function build(
  given: Field,
  path: string[],
  answers: Answers,
  starts: readonly string[],
  ask: Ask,
  readText: ReadText = () => undefined,
): unknown {
  const field = chosen(follow(given), path, answers, ask);
  if (field.const !== undefined) return field.const;
  if (field.type === 'array')
    return [field.examples?.[0] ?? (field.items ? build(field.items, [...path, '0'], answers, [], () => {}) : 'x')].flat();
  if (field.type === 'object') return buildMap(field, path, answers, starts, ask, readText);
  return scalar(field, path, answers, ask);
}

function buildMap(
  field: Field,
  path: string[],
  answers: Answers,
  starts: readonly string[],
  ask: Ask,
  readText: ReadText = () => undefined,
): unknown {
  const keys = [...(field.required ?? []), ...starts.filter((key) => field.properties?.[key] && !field.required?.includes(key))];
  // Data is nothing without its place.
  if (keys.length === 0 && field.examples === undefined && path.length > 0 && field.properties?.path)
    keys.push(...['type', 'path'].filter((key) => field.properties?.[key]));
  if (keys.length === 0 || path.length > depthLimit) return field.examples?.[0] ?? free(field, path, answers, ask);
  const map: Record<string, unknown> = {};
  for (const key of keys) {
    const value = build(field.properties?.[key] ?? {}, [...path, key], answers, [], ask, readText);
    const isNothing = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (!isNothing || field.required?.includes(key)) map[key] = value;
  }
  const work = (map.trial ?? map) as Record<string, unknown>;
  const declares = field.properties?.inputs !== undefined && path.at(-1) !== 'trial';
  return declares && typeof work.command === 'string' ? withPorts(map, work.command, scriptReader(work.code, readText)) : map;
}

/** Reads a script of a command, whose path starts in the folder of its code. */
const scriptReader =
  (code: unknown, readText: ReadText): ReadText =>
  (script) =>
    readText(typeof code === 'string' ? `${code}/${script}` : script);

/** A map whose keys are free has one entry. */
function free(field: Field, path: string[], answers: Answers, ask: Ask): unknown {
  if (typeof field.additionalProperties !== 'object') return {};
  const name = `my_${(path.at(-1) ?? 'entry').replace(/s$/, '')}`;
  return { [name]: build(field.additionalProperties, [...path, name], answers, [], ask) };
}

const samples = { integer: 1, number: 0.1, boolean: true, string: 'text' };

/** The inputs and outputs that a command names, declared: of a component by type and default, of a job with data or a value. */
function withPorts(map: Record<string, unknown>, command: string, readScript: ReadText): Record<string, unknown> {
  const isComponent = map.name !== undefined;
  const input = (guessed: GuessedInput): unknown => {
    if (isComponent) return guessed;
    return guessed.type === 'uri_folder' || guessed.type === 'uri_file'
      ? { type: guessed.type, path: './data' }
      : (guessed.default ?? samples[guessed.type]);
  };
  const inputs = [...guessInputs(command, readScript)].map(([name, guessed]) => [name, input(guessed)] as const);
  const outputs = expressionsIn(command).flatMap(({ path: [scope, name] }) =>
    scope === 'outputs' && name ? [[name, { type: 'uri_folder' }] as const] : [],
  );
  return {
    ...map,
    ...(inputs.length > 0 ? { inputs: Object.fromEntries(inputs) } : {}),
    ...(outputs.length > 0 ? { outputs: Object.fromEntries(outputs) } : {}),
  };
}

/** One of a field's alternatives: as it was answered, else a plain value, else a map that needs no other file. */
function chosen(field: Field, path: string[], answers: Answers, ask: Ask): Field {
  if (!field.anyOf) return field;
  const alternatives = flatten(field).map(follow);
  const maps = alternatives.filter((each) => each.type === 'object');
  const plain = alternatives.find((each) => each.type !== 'object' && each.type !== 'array' && each.type !== 'null');
  // A file that must be there is not, in a new folder.
  const needsOne = plain?.mustExist && !plain.assetKind;
  if (plain && (!maps.length || !needsOne) && (!maps.length || field.examples === undefined || typeof field.examples[0] !== 'object'))
    return { ...plain, ...facts(field) };
  const { discriminator } = field;
  if (discriminator) {
    const values = variantValues(field);
    const sample = field.defaultVariant ?? values[0]!;
    const at = [...path, discriminator].join('.');
    // Inside of a map the first will do; the kind's own variants are the user's to choose.
    if (path.length === 0)
      ask({
        at,
        title: discriminator,
        about: '',
        choices: values.map((value) => ({ value, about: sentence(withValue(maps, discriminator, value)) })),
        sample,
      });
    const value = answers.get(at) ?? sample;
    const meant = withValue(maps, discriminator, value);
    if (meant) return isConst(meant.properties?.[discriminator]) ? meant : pinned(meant, discriminator, value);
  }
  return maps.find((each) => !needsFile(each)) ?? maps[0] ?? alternatives[0]!;
}

const valuesOf = (field: Field | undefined): string[] =>
  field ? flatten(field).flatMap((each) => [...(each.enum ?? []), ...(each.const === undefined ? [] : [each.const])].map(String)) : [];
const withValue = (maps: Field[], key: string, value: string): Field | undefined => {
  const fitting = maps.filter((each) => valuesOf(each.properties?.[key]).includes(value));
  return fitting.find((each) => !needsFile(each)) ?? fitting[0];
};
const isConst = (field: Field | undefined): boolean => field !== undefined && follow(field).const !== undefined;

/** A map whose discriminator, one of several words, is this one. */
function pinned(map: Field, key: string, value: string): Field {
  const required = [key, ...(map.required ?? []).filter((each) => each !== key)];
  return { ...map, required, properties: { ...map.properties, [key]: { const: value } } };
}

/** Whether a map can't be without the file of a component. */
const needsFile = (map: Field): boolean =>
  (map.required ?? []).some((key) => flatten(map.properties?.[key] ?? {}).some((each) => follow(each).pathKind === 'component'));

const facts = ({ description, examples, patternHint }: Field): Partial<Field> => ({
  ...(description ? { description } : {}),
  ...(examples ? { examples } : {}),
  ...(patternHint ? { patternHint } : {}),
});

function scalar(field: Field, path: string[], answers: Answers, ask: Ask): unknown {
  const at = path.join('.');
  // Whoever is asked for a secret writes it down.
  if (field.secret) return `<${path.at(-1)}>`;
  const words = valuesOf(field);
  const sample = sampleOf(field, path, words);
  ask({
    at,
    title: at,
    about: sentence(field),
    ...(words.length > 0 ? { choices: words.map((value, index) => ({ value, about: field.enumDescriptions?.[index] ?? '' })) } : {}),
    sample: String(sample),
    ...(field.pattern ? { pattern: field.pattern } : {}),
    ...(field.patternHint ? { patternHint: field.patternHint } : {}),
  });
  const answer = answers.get(at);
  if (answer === undefined) return sample;
  return field.type === 'integer' || field.type === 'number' ? Number(answer) : field.type === 'boolean' ? answer === 'true' : answer;
}

function sampleOf(field: Field, path: string[], words: readonly string[]): string | number | boolean {
  // This folder is there in any case.
  if (field.pathKind === 'folder' && field.mustExist) return '.';
  if (field.pathKind === 'script') return 'main.py';
  const example = field.examples?.find((each) => typeof each !== 'object');
  if (example !== undefined) return example as string;
  if (field.default !== undefined && typeof field.default !== 'object') return field.default as string;
  if (words.length > 0) return words[0]!;
  if (field.type === 'boolean') return true;
  if (field.type === 'integer' || field.type === 'number') return Math.max(field.minimum ?? 0, Math.min(field.maximum ?? 10, 10));
  if (field.assetKind)
    return `azureml:my-${path
      .at(-1)!
      .replace(/_(?:id|name)$/, '')
      .replaceAll('_', '-')}:1`;
  const name = `my_${path.at(-1)!.replace(/^my_/, '')}`;
  const candidates = [name, name.replaceAll('_', '-'), name.replaceAll('_', '')];
  return candidates.find((each) => !field.pattern || new RegExp(field.pattern).test(each)) ?? name;
}

/** The first sentence of a field's documentation, as plain text. */
const sentence = (field: Field | undefined): string =>
  (/^.*?[.!?](?=\s|$)/s.exec((field && follow(field).description) ?? '')?.[0] ?? '').replaceAll('`', '');
