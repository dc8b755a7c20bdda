import type { Hover } from 'vscode-languageserver-types';
import { isScalar } from 'yaml';
import { isAzuresRegistry, parseRegistryId, type RegistryAsset } from '../protocol/registry.ts';
import { curatedEnvironments, curatedName } from '../spec/curatedEnvironments.ts';
import { type Field, follow } from '../spec/field.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { flatten, sameValue } from '../spec/variant.ts';
import { describeField } from './describe.ts';
import { expressionAt, resolveExpression } from './expressionAt.ts';
import { concrete, fieldsAtPath } from './fields.ts';
import { type Interface, interfaceAt, interfaceOfStep } from './interfaces.ts';
import { relativeTo } from './paths.ts';
import { placeAt } from './place.ts';
import { rangeOf } from './positions.ts';
import type { Context, NamedKind, PlaneName } from './workspace.ts';

/** What is known of the key, value, expression, component or asset at an offset, as Markdown. */
export async function hover(context: Context, offset: number): Promise<Hover | undefined> {
  const { ours, workspace } = context;
  const { document } = ours;
  const place = placeAt(document, offset);
  if (!place) return undefined;
  const answer = (value: string | undefined, start = place.node.range![0], end = place.node.range![1]): Hover | undefined =>
    value ? { contents: { kind: 'markdown', value }, range: rangeOf(document, start, end) } : undefined;

  if (place.part === 'value') {
    const expression = expressionAt(document, offset, place.path);
    if (expression) {
      const found = resolveExpression(document, expression, workspace);
      if (found) {
        const { port, origin, value, of } = found;
        const from = of.document === document ? '' : ` in \`${relativeTo(document.file, of.document.file)}\``;
        const lines = [`**${expression.path.join('.')}** · \`${port.type}\`${port.optional ? ', optional' : ''}`, `The ${origin}${from}.`];
        if (value !== undefined) lines.push(`Value: \`${typeof value === 'string' ? value : JSON.stringify(value)}\``);
        if (port.description) lines.push(port.description);
        return answer(lines.join('\n\n'), expression.start, expression.end);
      }
      return answer(`**${expression.path.join('.')}** is not known here.`, expression.start, expression.end);
    }
  }
  const port = place.part === 'key' ? stepPort(context, place.path) : undefined;
  if (port) return answer(port);
  if (!ours.field) return undefined;
  const fields = fieldsAtPath(document, ours.field, place.path);
  const key = place.path.findLast((each) => typeof each === 'string') as string | undefined;
  if (place.part === 'key') return answer(fields[0] && describeField(fields[0], key));

  const value = isScalar(place.node) ? place.node.value : undefined;
  const chosen = fields.flatMap((each) => concrete(each, place.node, document));
  if (typeof value === 'string') {
    const file = chosen.some(({ pathKind }) => pathKind === 'component') || key === 'component' ? value : undefined;
    if (file && isLocalPath(file)) {
      const component = workspace.open(beside(document.file, file));
      if (component) return answer(signatureText(interfaceAt(component.document, []), file));
    }
    const assetKind = chosen.find((each) => each.assetKind)?.assetKind ?? (value.startsWith('azureml:') ? kindOfKey(key) : undefined);
    const text = assetKind && (await assetText(context, value, assetKind));
    const shared = text ? undefined : parseRegistryId(value);
    const told = text ?? (shared && (await sharedText(context, shared)));
    if (told) return answer(told);
  }
  const word = chosen.flatMap((each) => flatten(each)).find((each) => sameValue(each, value));
  const line = word && wordText(word, value);
  return answer(line ? `\`${String(value)}\`: ${line}` : fields[0] && describeField(fields[0], key));
}

function wordText(field: Field, value: unknown): string | undefined {
  const index = field.enum?.findIndex((each) => sameValue({ const: each, anyCase: true }, value)) ?? -1;
  return index >= 0 ? field.enumDescriptions?.[index] : field.const === undefined ? undefined : follow(field).description;
}

/** A key in `inputs:` or `outputs:` of a step: what its component says of it. */
function stepPort({ ours: { document }, workspace }: Context, path: readonly (string | number)[]): string | undefined {
  const keys = path.map(String);
  const section = keys.at(-2);
  if (keys.length < 4 || keys.at(-4) !== 'jobs' || (section !== 'inputs' && section !== 'outputs')) return undefined;
  const found = interfaceOfStep(document, keys.slice(0, -2), workspace);
  const port = found?.[section].find(({ name }) => name === keys.at(-1));
  if (!found || !port) return undefined;
  const lines = [`**${port.name}** · \`${port.type}\`${port.optional ? ', optional' : ', required'}`];
  if (port.description) lines.push(port.description);
  if (port.default !== undefined) lines.push(`Default: \`${JSON.stringify(port.default)}\``);
  if (found.document !== document) lines.push(`Declared by \`${relativeTo(document.file, found.document.file)}\``);
  return lines.join('\n\n');
}

/** A component's name, words, inputs and outputs. */
export function signatureText({ name, description, inputs, outputs }: Interface, file: string): string {
  const list = (ports: Interface['inputs']) =>
    ports
      .map(
        (port) =>
          `- \`${port.name}\`: ${port.type}${port.optional ? ', optional' : ''}${port.default === undefined ? '' : ` = ${JSON.stringify(port.default)}`}${port.description ? ` (${port.description})` : ''}`,
      )
      .join('\n');
  return [
    `**${name ?? file}**`,
    description ?? '',
    inputs.length ? `Inputs:\n${list(inputs)}` : 'No inputs',
    outputs.length ? `Outputs:\n${list(outputs)}` : 'No outputs',
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Reads `azureml:NAME:VERSION`, `azureml:NAME@LABEL` and `azureml:NAME`; undefined for uris and ids. */
export function assetReference(text: string): { name: string; version?: string; label?: string } | undefined {
  const match = /^azureml:(?!\/)([^:@/\s]+)(?:[:@]([^\s:@]+))?$/.exec(text);
  if (!match) return undefined;
  const [, name, second] = match as unknown as [string, string, string | undefined];
  if (!second) return { name };
  return text.includes('@') ? { name, label: second } : { name, version: second };
}

const kindOfKey = (key: string | undefined): NamedKind | undefined =>
  key === 'environment'
    ? 'environments'
    : key === 'component'
      ? 'components'
      : key === 'compute' || key === 'default_compute'
        ? 'computes'
        : undefined;

async function assetText({ names }: Context, text: string, kind: NamedKind): Promise<string | undefined> {
  const curated = kind === 'environments' ? curatedName(text) : undefined;
  if (curated) return `**${curated}** · curated by Azure ML\n\n${curatedEnvironments[curated]}`;
  const reference = assetReference(text);
  if (!reference) return undefined;
  const listed = await names.list(kind);
  if (!listed) return undefined;
  const asset = listed.find(({ name }) => name === reference.name);
  if (!asset) return `**${reference.name}** is not among the ${kind} of the connected plane.`;
  return aboutAsset(asset, `${kind} on the connected plane`, (version) =>
    reference.label === 'latest' ? `\`@latest\` is \`azureml:${asset.name}:${version}\` now.` : '',
  );
}

/** What is known of an asset of a registry of the plane; undefined while nothing is, and for what has no page of its own. */
async function sharedText({ names }: Context, { registry, kind, name, label }: RegistryAsset): Promise<string | undefined> {
  const listed = kind === 'codes' || isAzuresRegistry(registry) ? undefined : await names.shared(kind);
  if (!listed) return undefined;
  const asset = listed.find((each) => each.name === name && each.registry.toLowerCase() === registry.toLowerCase());
  if (!asset) return `**${name}** is not among the ${kind} that you may see in the registry ${registry}.`;
  return aboutAsset(asset, `${kind} in the registry ${asset.registry}`, (version) =>
    label === 'latest' ? `\`labels/latest\` is \`versions/${version}\` now.` : '',
  );
}

/** `latest`: what a label means, by the newest version; '' where there is none to explain. */
function aboutAsset(asset: PlaneName, what: string, latest: (version: string) => string): string {
  const lines = [`**${asset.name}** · ${what}`];
  if (asset.description) lines.push(asset.description);
  if (asset.latestVersion) lines.push(`Latest version: \`${asset.latestVersion}\``);
  const meaning = asset.latestVersion && latest(asset.latestVersion);
  if (meaning) lines.push(meaning);
  const tags = Object.entries(asset.tags ?? {});
  if (tags.length) lines.push(`Tags: ${tags.map(([name, value]) => `\`${name}: ${value}\``).join(', ')}`);
  return lines.join('\n\n');
}
