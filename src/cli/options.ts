import type { Option } from './command.ts';

/** Options that several commands have, with the names and letters of `az ml`. */
type More = Omit<Option, 'takes' | 'what'>;
export const text = (what: string, more: More = {}): Option => ({ takes: 'text', what, ...more });
export const path = (what: string, more: More = {}): Option => ({ takes: 'path', what, ...more });
export const whole = (what: string, more: More = {}): Option => ({ takes: 'whole', what, ...more });
export const flag = (what: string, more: More = {}): Option => ({ takes: 'flag', what, ...more });
export const many = (what: string, more: More = {}): Option => ({ takes: 'many', what, ...more });
export const pairs = (what: string, more: More = {}): Option => ({ takes: 'pairs', what, ...more });

/** Which one of what a command shows, changes or removes. */
export const named = { name: text('Its name.', { short: 'n', value: 'NAME' }) };
export const versioned = {
  ...named,
  version: text('Its version; the latest when absent.', { short: 'v', value: 'VERSION' }),
  label: text('Its label, in place of the version.', { short: 'l', choices: ['latest'] }),
};
/** What a command creates: a YAML file, and what is said over it. */
export const definition = {
  file: path('The YAML file.', { short: 'f', value: 'FILE' }),
  set: pairs('Values over those of the file: --set inputs.epochs=5 tags.owner=me.'),
  name: text('Its name, over the one of the file.', { short: 'n', value: 'NAME', yaml: 'name' }),
};
export const described = {
  description: text('What it is.', { yaml: 'description' }),
  tags: pairs('Labels.', { yaml: 'tags' }),
};
export const limited = { 'max-results': whole('The most that are listed.', { short: 'r' }) };
export const archived = {
  'archived-only': flag('Lists archived ones alone.'),
  'include-archived': flag('Lists archived ones too.'),
};
export const inEndpoint = { 'endpoint-name': text('The endpoint.', { short: 'e', value: 'NAME' }) };
/** Of `az`: nothing here is served in Docker, so local and remote are the same. */
export const local = { local: flag('Everything is local here.') };
export const web = { web: flag("Opens the Studio's page in a browser.", { short: 'e' }) };
