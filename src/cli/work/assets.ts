import path from 'node:path';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { downloadUri } from '../../download/downloadUri.ts';
import type { AssetKind } from '../../protocol/arm.ts';
import type { AssetVersion } from '../../protocol/asset.ts';
import type { Options } from '../command.ts';
import { connect, connectToAssets } from '../connect.ts';
import { definitionOf } from '../definitionOf.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, required, text, whole } from '../parsed.ts';
import { assetShape, containerShape, versionShape } from '../shapes/assetShape.ts';
import { type ArmResource, assetName } from '../shapes/parts.ts';
import { factLines, factText, tableOf, timeOf } from '../textParts.ts';
import { listView } from './listView.ts';

export type Kind = Exclude<AssetKind, 'codes'>;
const nouns: Record<Kind, string> = { data: 'data', environments: 'environment', components: 'component', models: 'model' };

export async function createAssetVersion(parsed: Parsed, kind: Kind, options: Options): Promise<Outcome> {
  const { file, ...definition } = definitionOf(parsed, options);
  const { client } = await connectToAssets(parsed);
  const { createAsset } = await import('../../submit/createAsset.ts');
  const made = await createAsset(client, file, kind, definition);
  return answer(kind, made, kind === 'models' ? 'Registered' : 'Created');
}

export function answer(kind: Kind, version: AssetVersion, done: string, where = ''): Outcome {
  return {
    value: assetShape(kind, version as ArmResource),
    text: () => `${done} ${assetName(version.id).name}:${version.name}${where}.`,
  };
}

export async function listAssets(parsed: Parsed, kind: Kind): Promise<Outcome> {
  const { client } = await connectToAssets(parsed);
  const name = text(parsed, 'name');
  const most = whole(parsed, 'max-results') ?? Number.POSITIVE_INFINITY;
  const listViewType = listView(parsed);
  const found = (await take(
    name === undefined
      ? allPages((next) => client.listContainers(kind, { listViewType }, next))
      : allPages((next) => client.listVersions(kind, name, next, { listViewType })),
    most,
    ({ name: each }: { name: string }) => !['azureml_anonymous', 'CliV2AnonymousEnvironment'].includes(each),
  )) as ArmResource[];
  const value = found.map((each) => (name === undefined ? containerShape : versionShape)(kind, each));
  const columns = name === undefined ? ['name', 'latest version'] : ['name', 'version'];
  return {
    value,
    text: () =>
      name === undefined
        ? tableOf(
            ['NAME', 'LATEST', 'CHANGED', 'DESCRIPTION'],
            found.map((each) => [
              each.name,
              each.properties.latestVersion ?? '',
              timeOf(each.systemData?.lastModifiedAt),
              each.properties.description ?? '',
            ]),
            `There is no ${nouns[kind]} yet.`,
          )
        : tableOf(
            ['VERSION', 'CREATED', 'DESCRIPTION'],
            found.map((each) => [each.name, timeOf(each.systemData?.createdAt), each.properties.description ?? '']),
            `${name} has no version.`,
          ),
    table: () => value.map((each) => Object.fromEntries(columns.map((key) => [key, each[key] ?? each[key.replace(' ', '_')]]))),
  };
}

/** The first so many items that are wanted. */
export async function take<T>(items: AsyncIterable<T>, most: number, isWanted: (item: T) => boolean = () => true): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    if (found.length >= most) break;
    if (isWanted(item)) found.push(item);
  }
  return found;
}

export async function showAsset(parsed: Parsed, kind: Kind): Promise<Outcome> {
  const { client } = await connectToAssets(parsed);
  const found = (await wanted(client, parsed, kind)) as ArmResource;
  const { tags, properties, ...rest } = found.properties;
  const { name, version } = assetName(found.id);
  return {
    value: assetShape(kind, found),
    text: () =>
      factLines([
        ['name', name],
        ['version', version],
        ['created', timeOf(found.systemData?.createdAt)],
        ...Object.entries(rest).map(([key, value]): [string, string | undefined] => [key, factText(value)]),
        ['tags', pairsOf(tags).join(', ')],
        ['lineage', pairsOf(properties).join('\n')],
      ]),
  };
}

const pairsOf = (map: Record<string, unknown> | undefined): string[] => Object.entries(map ?? {}).map(([key, value]) => `${key}=${value}`);

/** The version that a call names, by version or label; the latest when it names none. */
export async function wanted<K extends Kind>(client: PlaneClient, parsed: Parsed, kind: K) {
  const name = required(parsed, 'name');
  const version = text(parsed, 'version');
  if (version !== undefined && text(parsed, 'label') !== undefined)
    throw new UserError('InvalidArgument', '--version and --label exclude each other.');
  return client.getAsset(kind, name, version ?? (await latest(client, kind, name)));
}

async function latest(client: PlaneClient, kind: Kind, name: string): Promise<string> {
  const { latestVersion } = (await client.getContainer(kind, name)).properties;
  if (!latestVersion) throw new UserError('AssetNotFound', `${name} has no version.`);
  return latestVersion;
}

/** Archives or restores a version, or with its name alone all of it. */
export async function archiveAsset(parsed: Parsed, kind: Kind, isArchived: boolean): Promise<Outcome> {
  const { client } = await connectToAssets(parsed);
  const name = required(parsed, 'name');
  const done = isArchived ? 'Archived' : 'Restored';
  if (text(parsed, 'version') === undefined && text(parsed, 'label') === undefined) {
    const { properties } = await client.getContainer(kind, name);
    await client.putResource([kind, name], { properties: { ...properties, isArchived } });
    return { text: () => `${done} ${name}.` };
  }
  const found = await wanted(client, parsed, kind);
  await client.putAsset(kind, name, found.name, { ...found.properties, isArchived } as never);
  return { text: () => `${done} ${name}:${found.name}.` };
}

export async function downloadModel(parsed: Parsed): Promise<Outcome> {
  const { client } = await connectToAssets(parsed);
  const model = await wanted(client, parsed, 'models');
  const { name } = assetName(model.id);
  const at = text(parsed, 'download-path');
  const folder = parsed.asAz ? path.resolve(at ?? '.', name) : path.resolve(at ?? name);
  const files = await downloadUri(client, model.properties.modelUri, folder);
  return { ...(parsed.asAz ? {} : { value: { folder, files } }), text: () => `${plural(files, 'file')} in ${folder}` };
}

/** Copies a version of the workspace to a registry. */
export async function shareAsset(parsed: Parsed, kind: Kind): Promise<Outcome> {
  const registry = required(parsed, 'registry-name');
  const { client } = await connect({ ...parsed, values: { ...parsed.values, 'registry-name': undefined } });
  const [name, version] = [required(parsed, 'name'), required(parsed, 'version')];
  const target = { name: text(parsed, 'share-with-name') ?? name, version: text(parsed, 'share-with-version') ?? version };
  return answer(kind, await client.shareAsset(kind, { name, version }, registry, target), 'Shared', ` in the registry ${registry}`);
}

/** A model from a file, a folder, a datastore, or a job's output, whose job becomes its origin. */
export async function createModel(parsed: Parsed, options: Options): Promise<Outcome> {
  if (text(parsed, 'file') !== undefined) return createAssetVersion(parsed, 'models', options);
  const { client } = await connectToAssets(parsed);
  const { registerModel } = await import('../../submit/createAsset.ts');
  const description = text(parsed, 'description');
  const tags = Object.fromEntries(list(parsed, 'tags').map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]));
  const made = await registerModel(client, {
    name: required(parsed, 'name'),
    path: required(parsed, 'path'),
    version: text(parsed, 'version'),
    type: text(parsed, 'type'),
    facts: { ...(description === undefined ? {} : { description }), ...(Object.keys(tags).length ? { tags } : {}) },
  });
  return answer('models', made, 'Registered');
}
