import { UserError } from '../../base/userError.ts';
import type { WorkspaceResource } from '../../client/planeClient.ts';
import type { Parsed } from '../parsed.ts';
import type { Fields } from '../shapes/parts.ts';

/** Where `az`'s keys are in a resource of ARM, and what their texts become. */
const changeable: Record<string, { at: string[]; value?: (text: string) => unknown }> = {
  description: { at: ['properties', 'description'] },
  tags: { at: ['tags'] },
  properties: { at: ['properties', 'properties'] },
  environment_variables: { at: ['properties', 'environmentVariables'] },
  instance_count: { at: ['sku', 'capacity'], value: wholeNumber },
  traffic: { at: ['properties', 'traffic'], value: wholeNumber },
  mirror_traffic: { at: ['properties', 'mirrorTraffic'], value: wholeNumber },
  'defaults.deployment_name': { at: ['properties', 'defaults', 'deploymentName'] },
  min_instances: { at: ['properties', 'properties', 'scaleSettings', 'minNodeCount'], value: wholeNumber },
  max_instances: { at: ['properties', 'properties', 'scaleSettings', 'maxNodeCount'], value: wholeNumber },
  idle_time_before_scale_down: {
    at: ['properties', 'properties', 'scaleSettings', 'nodeIdleTimeBeforeScaleDown'],
    value: (text) => `PT${wholeNumber(text)}S`,
  },
};

/** The changes as ARM takes them: each map that is changed comes whole. */
export function patchOf(found: WorkspaceResource, set: [string, string][]): { properties: Fields } & Fields {
  const { tags = {}, sku, properties } = structuredClone(found);
  const all: Fields = { tags, properties, ...(sku ? { sku } : {}) };
  const touched = new Set<string>();
  for (const [key, given] of set) {
    const [first = '', ...rest] = key.split('.');
    const known = Object.hasOwn(changeable, key)
      ? changeable[key]
      : rest.length && Object.hasOwn(changeable, first)
        ? changeable[first]
        : undefined;
    if (!known)
      throw new UserError(
        'InvalidArgument',
        `--set ${key}: this can't be changed of one that is there.`,
        `Change the file and give it with --file. What can be set: ${Object.keys(changeable).join(', ')}.`,
      );
    const path = known === changeable[key] ? known.at : [...known.at, rest.join('.')];
    let holder = all;
    for (const each of path.slice(0, -1)) holder = holder[each] ??= {};
    holder[path.at(-1)!] = known.value ? known.value(given) : given;
    touched.add(path[0] === 'properties' ? `properties.${path[1]}` : path[0]!);
  }
  return {
    ...(touched.has('tags') ? { tags: all.tags } : {}),
    ...(touched.has('sku') ? { sku: all.sku } : {}),
    properties: Object.fromEntries(Object.entries(properties).filter(([key]) => touched.has(`properties.${key}`))),
  };
}

/** `"blue=90 green=10"`: pairs, in one word or several. */
export function pairsIn(parsed: Parsed, name: string): Record<string, string> | undefined {
  const given = parsed.values[name];
  if (given === undefined) return undefined;
  const words = (Array.isArray(given) ? given : [String(given)]).flatMap((each) => each.trim().split(/\s+/)).filter(Boolean);
  return Object.fromEntries(words.map((pair) => splitPair(pair, `--${name}`)));
}

export function splitPair(pair: string, option: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UserError('InvalidArgument', `${option} "${pair}" has no "=".`, `Write for example ${option} blue=90`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

export const numbers = (map: Record<string, string>): Record<string, number> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, wholeNumber(value)]));

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new UserError('InvalidArgument', `"${value}" is no whole number.`);
  return Number(value);
}
