/** Writes what is generated from the kinds and codes in `src/spec`: `schemas/*.schema.json`, `docs/yaml/*.md` and `docs/diagnostics/*.md`. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CodeFacts, codeNames, codes } from '../src/spec/codes.ts';
import { type Field, follow } from '../src/spec/field.ts';
import { jsonSchemaOf } from '../src/spec/jsonSchema.ts';
import { type Kind, kindFacts, kindNames } from '../src/spec/kinds/all.ts';
import { flatten } from '../src/spec/variant.ts';

/** Writes all pages below `root`. */
export async function writeDocs(root: string): Promise<void> {
  const pages: [string, string][] = [
    ...kindNames.map((kind): [string, string] => [`schemas/${kind}.schema.json`, `${JSON.stringify(jsonSchemaOf(kind))}\n`]),
    ...kindNames.map((kind): [string, string] => [`docs/yaml/${kind}.md`, kindPage(kind)]),
    ['docs/yaml/README.md', kindIndex()],
    ...codeNames.map((code): [string, string] => [`docs/diagnostics/${code}.md`, codePageOf(code, codes[code])]),
    ['docs/diagnostics/README.md', codeIndex()],
  ];
  for (const folder of ['schemas', 'docs/yaml', 'docs/diagnostics']) {
    await rm(path.join(root, folder), { recursive: true, force: true });
    await mkdir(path.join(root, folder), { recursive: true });
  }
  await Promise.all(pages.map(([file, text]) => writeFile(path.join(root, file), text)));
}

function codePageOf(code: string, { severity, what, why, fix, bad, good }: CodeFacts): string {
  return `# ${code}\n\n**${what}** Reported as ${severity}.\n\n## Why\n\n${why}\n\n## What to do\n\n${fix}\n\n\`\`\`yaml\n# before\n${bad}\n\`\`\`\n\n\`\`\`yaml\n# after\n${good}\n\`\`\`\n\nSilence it on one line with \`# updraft-ignore ${code}\`, or give it another severity in \`.updraft.yml\`:\n\n\`\`\`yaml\nvalidate:\n  severities:\n    ${code}: off\n\`\`\`\n`;
}

function codeIndex(): string {
  return `# Diagnostics\n\nWhat the checks of Azure ML YAML report.\n\n| code | severity | what |\n| --- | --- | --- |\n${codeNames.map((code) => `| [${code}](${code}.md) | ${codes[code].severity} | ${codes[code].what} |`).join('\n')}\n`;
}

const where = { runs: 'runs here', kept: 'kept here', later: 'in Azure' };

function kindIndex(): string {
  const rows = kindNames.map((kind) => {
    const { title, here, schema } = kindFacts[kind];
    return `| [${kind}](${kind}.md) | ${title} | ${where[here]} | ${oneLine(follow(schema).description)} |`;
  });
  return `# YAML reference\n\nEvery kind of Azure ML YAML that Updraft knows. A file is recognised by \`$schema\`, else by \`type\` and shape.\n\n| kind | what | where | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function kindPage(kind: Kind): string {
  const { title, schema, here } = kindFacts[kind];
  const field = follow(schema);
  const sections: string[] = [];
  const parts = new Map<string, Field>();
  sections.push(field.discriminator ? variantSections(field, parts) : table(field, parts));
  const written = new Set<string>();
  for (let next = nextPart(); next; next = nextPart()) {
    const [name, part] = next;
    written.add(name);
    sections.push(`## ${name}\n\n${part.description ?? ''}\n\n${part.anyOf ? variantSections(part, parts, '###') : table(part, parts)}`);
  }
  const link = field.docLink ? ` Azure's reference: <${field.docLink}>.` : '';
  const place = {
    runs: 'The embedded control plane runs it.',
    kept: 'The embedded control plane keeps it.',
    later: 'It can be written and checked here, and works in Azure.',
  }[here];
  return `# ${kind}\n\n${title[0]!.toUpperCase()}${title.slice(1)}: ${oneLine(field.description)} ${place}${link}\n\n\`\`\`yaml\n$schema: https://azuremlschemas.azureedge.net/latest/${kind}.schema.json\n\`\`\`\n\n${sections.join('\n\n')}\n`;

  function nextPart(): [string, Field] | undefined {
    return [...parts].find(([name]) => !written.has(name));
  }
}

function variantSections(field: Field, parts: Map<string, Field>, level = '##'): string {
  return flatten(field)
    .map((each) => {
      const key = field.discriminator && each.properties?.[field.discriminator];
      const values = key ? (follow(key).enum ?? [follow(key).const]).join(', ') : '';
      return each.type === 'object' && each.properties
        ? `${level} ${field.discriminator && values ? `${field.discriminator}: ${values}` : (each.description ?? 'A map')}\n\n${each.description ?? ''}\n\n${table(each, parts)}`
        : `${typeOf(each, parts)}: ${each.description ?? ''}`;
    })
    .join('\n\n');
}

function table(field: Field, parts: Map<string, Field>): string {
  if (!field.properties)
    return typeof field.additionalProperties === 'object'
      ? `Each key: ${typeOf(field.additionalProperties, parts)}. ${oneLine(follow(field.additionalProperties).description)}`
      : '';
  const rows = Object.entries(field.properties)
    .map(([name, each]) => [name, each, follow(each)] as const)
    .filter(([, , each]) => !each.readOnly)
    .map(([name, each, followed]) => {
      const need = field.required?.includes(name)
        ? '**yes**'
        : followed.default !== undefined
          ? `\`${JSON.stringify(followed.default)}\``
          : '';
      const more = [
        oneLine(followed.description),
        followed.deprecated ? `Deprecated. ${followed.deprecationMessage ?? ''}` : '',
        followed.localNote ? `*Here: ${followed.localNote}*` : '',
        ...words(followed),
      ];
      return `| \`${name}\` | ${typeOf(each, parts)} | ${need} | ${more.filter(Boolean).join(' ').replaceAll('|', '\\|')} |`;
    });
  return `| key | type | required, or default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function words(field: Field): string[] {
  return field.enum && field.enumDescriptions
    ? [field.enum.map((value, index) => `\`${value}\`: ${field.enumDescriptions![index]}`).join(' ')]
    : [];
}

function typeOf(field: Field, parts: Map<string, Field>): string {
  const name = field.$ref?.split('/').at(-1);
  const target = follow(field);
  if (name && (target.properties || target.anyOf)) {
    if (!parts.has(name)) parts.set(name, target);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (target.anyOf) return [...new Set(target.anyOf.map((each) => typeOf(each, parts)))].join(' or ');
  if (target.enum) return target.enumDescriptions ? 'one of' : `one of ${target.enum.map((value) => `\`${value}\``).join(', ')}`;
  if (target.const !== undefined) return `\`${target.const}\``;
  if (target.type === 'array') return `list of ${target.items ? typeOf(target.items, parts) : 'anything'}`;
  if (target.type === 'object') {
    if (target.properties)
      return `map: ${Object.keys(target.properties)
        .map((key) => `\`${key}\``)
        .join(', ')}`;
    return `map of ${typeof target.additionalProperties === 'object' ? typeOf(target.additionalProperties, parts) : 'anything'}`;
  }
  if (!target.type) return 'anything';
  return { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', null: 'empty' }[target.type];
}

const oneLine = (text = ''): string => text.replace(/\s+/g, ' ');

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await writeDocs(path.resolve(import.meta.dirname, '..'));
