import { parse, stringify } from 'yaml';
import { UserError } from '../../base/userError.ts';
import { setValue } from '../../spec/setValue.ts';
import { connectToAssets } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, text } from '../parsed.ts';
import { type ArmResource, assetName } from '../shapes/parts.ts';
import { answer, type Kind, wanted } from './assets.ts';

const changeable = ['description', 'tags', 'properties', 'stage'];

/** Changes what of a version may change: description, tags, properties, stage. */
export async function updateAsset(parsed: Parsed, kind: Kind): Promise<Outcome> {
  const { client } = await connectToAssets(parsed);
  const found = (await wanted(client, parsed, kind)) as ArmResource;
  const before = stringify({
    description: found.properties.description,
    tags: found.properties.tags,
    properties: found.properties.properties,
  });
  const given = ['description', 'stage'].flatMap((key) => (text(parsed, key) === undefined ? [] : [`${key}=${text(parsed, key)}`]));
  const changed = parse([...list(parsed, 'set'), ...given].reduce(setValue, before)) as Record<string, any>;
  const fixed = Object.keys(changed).find((key) => !changeable.includes(key));
  if (fixed !== undefined)
    throw new UserError(
      'InvalidArgument',
      `--set ${fixed}: of a version that is there this never changes.`,
      `What can be set: ${changeable.join(', ')}.`,
    );
  const { name, version } = assetName(found.id);
  const made = await client.putAsset(kind, name, version, { ...found.properties, ...texts(changed) } as never);
  return answer(kind, made, 'Changed');
}

/** Tags and properties are texts. */
const texts = ({ tags, properties, ...rest }: Record<string, any>): Record<string, unknown> => ({
  ...rest,
  tags: Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [key, String(value)])),
  properties: Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, String(value)])),
});
