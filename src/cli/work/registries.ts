import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import type { Options } from '../command.ts';
import { connectToPlane } from '../connect.ts';
import { definitionOf } from '../definitionOf.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text } from '../parsed.ts';
import type { ArmResource } from '../shapes/parts.ts';
import { registryShape } from '../shapes/resourceShapes.ts';
import { factsOf, tableOf } from '../textParts.ts';
import { take } from './assets.ts';

/** A registry is named by `--name`, or by `--registry-name` as everywhere else. */
const nameOf = (parsed: Parsed): string => text(parsed, 'name') ?? text(parsed, 'registry-name') ?? required(parsed, 'name');

export async function createRegistry(parsed: Parsed, options: Options): Promise<Outcome> {
  const { file, overrides: said, files } = definitionOf(parsed, options);
  // A file has a region, as Azure wants it; without one any will do.
  const overrides = files && text(parsed, 'location') === undefined ? [...said, 'location=local'] : said;
  const { validSpec } = await import('../../submit/validSpec.ts');
  const { spec } = validSpec(file, { overrides, ...(files ? { files } : {}), kinds: ['registry'] });
  if (spec?.kind !== 'registry') throw new UserError('InvalidArgument', 'The file is no registry.', undefined, { file });
  const { name, location = 'local', tags = {}, description, replication_locations: places, public_network_access: access } = spec.value;
  if (!name) throw new UserError('MissingField', '"name" is missing.', 'Add "name:" to the file, or give --name.', { file });
  const { client } = await connectToPlane(parsed);
  const made = await client.putRegistry(String(name), {
    location,
    tags,
    properties: {
      ...(description === undefined ? {} : { description }),
      ...(access === undefined ? {} : { publicNetworkAccess: access }),
      ...(places === undefined ? {} : { regionDetails: (places as { location?: string }[]).map((each) => ({ location: each.location })) }),
    },
  });
  return { value: registryShape(made as ArmResource), text: () => `Created the registry ${made.name}.` };
}

export async function listRegistries(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToPlane(parsed);
  const found = await take(allPages(client.listRegistries), Number.POSITIVE_INFINITY);
  const value = found.map((each) => registryShape(each as ArmResource));
  const columns = ['name', 'location', 'description'];
  return {
    value,
    text: () =>
      tableOf(
        columns.map((each) => each.toUpperCase()),
        value.map((each) => columns.map((key) => each[key] ?? '')),
        'There is no registry. Make one with "updraft registry create --name NAME".',
      ),
    table: () => value.map((each) => Object.fromEntries(columns.map((key) => [key, each[key]]))),
  };
}

export async function showRegistry(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToPlane(parsed);
  const value = registryShape((await client.getRegistry(nameOf(parsed))) as ArmResource);
  return { value, text: () => factsOf(value) };
}

export async function deleteRegistry(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToPlane(parsed);
  const { name } = await client.getRegistry(nameOf(parsed));
  await client.deleteRegistry(name);
  return { text: () => `Deleted the registry ${name} and all that was in it. Workspaces keep what their jobs have used of it.` };
}
