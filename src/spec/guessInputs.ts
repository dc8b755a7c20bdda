import { expressionsIn } from './expression.ts';
import { type ScriptParameter, scriptParameters } from './scriptParameters.ts';

/** What an input seems to be: a type of Azure ML's, and for a plain value what it is when nobody gives one. */
export interface GuessedInput {
  type: 'uri_folder' | 'uri_file' | 'integer' | 'number' | 'boolean' | 'string';
  default?: string | number | boolean;
}

/** Names that people give to numbers, for a command whose script is not there yet. */
const wholeNumbers = /(?:^|_)(?:epochs?|steps?|iterations?|seed|count|size|trials|folds|layers|depth|workers|patience|rounds)$/;
const numbers = /(?:^|_)(?:lr|rate|momentum|decay|dropout|threshold|ratio|fraction|alpha|beta|gamma|temperature|weight)$/;

/** Python scripts that a command runs, as they are written, and where in it. */
export const scriptsOfCommand = (command: string): { written: string; at: number }[] =>
  [...command.matchAll(/(?<=^|[\s;&|"'=])(?!-)[\w./\\-]+\.py(?=$|[\s;&|"'])/g)].map((match) => ({ written: match[0], at: match.index }));

/**
 * The inputs that a command names, with the type that its script gives the parameter: by its `type` and `default`, else by the parameter's name.
 * What nothing is known of is a folder. `readScript` answers a script's text.
 */
export function guessInputs(command: string, readScript: (script: string) => string | undefined): Map<string, GuessedInput> {
  const parameters = scriptsOfCommand(command).flatMap(({ written }) => scriptParameters(readScript(written) ?? ''));
  const found = new Map<string, GuessedInput>();
  for (const { path, start, end } of expressionsIn(command)) {
    const [scope, name] = path;
    if (scope !== 'inputs' || !name || found.has(name)) continue;
    // A path goes on behind a folder.
    found.set(
      name,
      /^[/\\]/.test(command.slice(end)) ? { type: 'uri_folder' } : guess(name, parameterAt(command.slice(0, start), name, parameters)),
    );
  }
  return found;
}

/** The parameter that takes what comes after `before`: the option that stands there, else the one of the input's name. */
function parameterAt(before: string, name: string, parameters: readonly ScriptParameter[]): ScriptParameter | undefined {
  const option = /(?:^|[\s"'[])(-[\w-]+)(?:\s*=\s*|\s+)["']?$/.exec(before)?.[1];
  const bare = (text: string) => text.replace(/^-+/, '').replaceAll('-', '_');
  return parameters.find((each) => each.name === option) ?? parameters.find((each) => bare(each.name) === bare(option ?? name));
}

function guess(name: string, parameter: ScriptParameter | undefined): GuessedInput {
  const type = parameter?.type ?? '';
  const value = parameter?.default === undefined ? undefined : literalOf(parameter.default);
  const withValue = (of: GuessedInput['type'], fits: (given: string | number | boolean) => boolean): GuessedInput =>
    value !== undefined && fits(value) ? { type: of, default: value } : { type: of };
  if (/\bint(?:eger)?\b/i.test(type)) return withValue('integer', Number.isInteger);
  if (/\bfloat\b/i.test(type)) return withValue('number', (given) => typeof given === 'number');
  if (/bool|^flag$/i.test(type)) return withValue('boolean', (given) => typeof given === 'boolean');
  if (/\bpath\b|\bfile\b|FileType/i.test(type)) return { type: 'uri_folder' };
  if (parameter?.hasChoices || /choice/i.test(type)) return withValue('string', (given) => typeof given === 'string');
  if (typeof value === 'boolean') return { type: 'boolean', default: value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number', default: value };
  if (value)
    return /[/\\]|^\.|\.\w{1,7}$/.test(value) ? { type: isFile(value) ? 'uri_file' : 'uri_folder' } : { type: 'string', default: value };
  if (wholeNumbers.test(name.toLowerCase())) return { type: 'integer' };
  return { type: numbers.test(name.toLowerCase()) ? 'number' : 'uri_folder' };
}

const isFile = (path: string): boolean => /\w\.\w{1,7}$/.test(path);

/** The value of a Python literal; undefined for anything that would have to be run. */
function literalOf(text: string): string | number | boolean | undefined {
  if (text === 'True' || text === 'False') return text === 'True';
  if (/^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text.replaceAll('_', ''));
  return /^[rub]?(["'])([^"'\\]*)\1$/i.exec(text)?.[2];
}
