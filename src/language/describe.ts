import { type Field, follow } from '../spec/field.ts';
import { flatten } from '../spec/variant.ts';

/** The type of a field in a few words: `text`, `one of ro_mount, download`, `map of text`. */
export function typeText(given: Field): string {
  const field = follow(given);
  const names = new Set(flatten(field).map(one));
  return [...names].slice(0, 4).join(' or ') + (names.size > 4 ? ' …' : '');
}

function one(field: Field): string {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.enum) return 'a word of a list';
  if (field.isCommand) return 'a shell command';
  if (field.pathKind)
    return { file: 'a file', folder: 'a folder', fileOrFolder: 'a path', component: "a component's file", script: 'a script' }[
      field.pathKind
    ];
  if (field.assetKind) return 'a name';
  switch (field.type) {
    case 'object':
      return 'a map';
    case 'array':
      return `a list`;
    case 'string':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'empty';
    default:
      return 'anything';
  }
}

/** A field's documentation as Markdown: words, what may be written, default, example, what this plane does differently, the page of Azure. */
export function describeField(given: Field, key?: string): string {
  const field = follow(given);
  const lines: string[] = [];
  if (key) lines.push(`**${key}** · ${typeText(field)}`);
  if (field.description) lines.push(field.description);
  if (field.deprecated || field.deprecationMessage) lines.push(`*Deprecated.* ${field.deprecationMessage ?? ''}`.trim());
  const words = flatten(field).flatMap((each) =>
    (each.enum ?? []).map((value, index) => `- \`${value}\`${each.enumDescriptions?.[index] ? `: ${each.enumDescriptions[index]}` : ''}`),
  );
  if (words.length) lines.push([...new Set(words)].slice(0, 30).join('\n'));
  const limits = [
    field.minimum === undefined ? '' : `at least ${field.minimum}`,
    field.maximum === undefined ? '' : `at most ${field.maximum}`,
    field.patternHint ?? (field.pattern ? `matches \`${field.pattern}\`` : ''),
  ].filter(Boolean);
  if (limits.length) lines.push(`Allowed: ${limits.join(', ')}`);
  if (field.default !== undefined) lines.push(`Default: \`${inline(field.default)}\``);
  const examples = field.examples ?? flatten(field).flatMap((each) => each.examples ?? []);
  if (examples.length) lines.push(`Example:\n\`\`\`yaml\n${key ? `${key}: ` : ''}${inline(examples[0])}\n\`\`\``);
  if (field.localNote) lines.push(`*On this machine:* ${field.localNote}`);
  if (field.secret) lines.push('Keep the secret out of the file: a key vault, a connection or the environment is the place for it.');
  if (field.docLink) lines.push(`[Azure's reference](${field.docLink})`);
  return lines.join('\n\n');
}

const inline = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
