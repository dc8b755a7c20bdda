import path from 'node:path';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { downloadUri } from '../../download/downloadUri.ts';
import type { AssetKind } from '../../protocol/arm.ts';
import type { AssetContainer } from '../../protocol/asset.ts';
import type { Command } from '../command.ts';
import { connect } from '../connect.ts';
import { type Parsed, required, text } from '../options.ts';
import { factLines, print, tableOf, timeOf } from '../print.ts';

const words: { kind: AssetKind; noun: string }[] = [
  { kind: 'data', noun: 'data' },
  { kind: 'environments', noun: 'environment' },
  { kind: 'components', noun: 'component' },
];
const reference = { name: { type: 'string', short: 'n' }, version: { type: 'string', short: 'v' } } as const;

/** `create`, `list` and `show` of data, environments and components; `register`, `list`, `show` and `download` of models. */
export const assetCommands: Command[] = [
  ...words.flatMap(({ kind, noun }) => [create(kind, noun), list(kind, noun), show(kind, noun)]),
  list('models', 'model'),
  show('models', 'model'),
  {
    name: 'model register',
    summary: "Registers a model from a folder or from a job's output.",
    usage:
      '--name N --path PATH|azureml://jobs/J/outputs/O [--version V] [--type custom_model|mlflow_model|triton_model] [--description D]  or  --file FILE',
    options: {
      ...reference,
      path: { type: 'string', short: 'p' },
      type: { type: 'string' },
      description: { type: 'string' },
      file: { type: 'string', short: 'f' },
    },
    async run(parsed) {
      const { client } = await connect(parsed);
      const { createAsset, registerModel } = await import('../../submit/createAsset.ts');
      const file = text(parsed, 'file');
      const made = file
        ? await createAsset(client, path.resolve(file), 'models')
        : await registerModel(client, {
            name: required(parsed, 'name'),
            path: required(parsed, 'path'),
            version: text(parsed, 'version'),
            type: text(parsed, 'type'),
            description: text(parsed, 'description'),
          });
      print(parsed, made, () => `Registered ${nameOf(made.id)}:${made.name}.`);
    },
  },
  {
    name: 'model download',
    summary: "Brings a model's files to this folder.",
    usage: '--name N [--version V] [--download-path DIR]',
    options: { ...reference, 'download-path': { type: 'string', short: 'p' } },
    async run(parsed) {
      const { client } = await connect(parsed);
      const name = required(parsed, 'name');
      const model = await client.getAsset('models', name, text(parsed, 'version') ?? (await latest(parsed, 'models', name)));
      const folder = path.resolve(text(parsed, 'download-path') ?? name);
      const count = await downloadUri(client, model.properties.modelUri, folder);
      print(parsed, { folder, files: count }, () => `${plural(count, 'file')} in ${folder}`);
    },
  },
];

function create(kind: AssetKind, noun: string): Command {
  return {
    name: `${noun} create`,
    summary: `Creates a version of ${article(noun)} from its YAML file.`,
    usage: '--file FILE [--set A.B=C]…',
    options: { file: { type: 'string', short: 'f' }, set: { type: 'string', multiple: true } },
    async run(parsed) {
      const { client } = await connect(parsed);
      const { createAsset } = await import('../../submit/createAsset.ts');
      const made = await createAsset(
        client,
        path.resolve(required(parsed, 'file')),
        kind,
        (parsed.values.set as string[] | undefined) ?? [],
      );
      print(parsed, made, () => `Created ${nameOf(made.id)}:${made.name}.`);
    },
  };
}

function list(kind: AssetKind, noun: string): Command {
  return {
    name: `${noun} list`,
    summary: `Lists ${noun === 'data' ? 'data' : `${noun}s`}, or the versions of one with --name.`,
    usage: '[--name N]',
    options: { name: { type: 'string', short: 'n' } },
    async run(parsed) {
      const { client } = await connect(parsed);
      const name = text(parsed, 'name');
      if (name !== undefined) {
        const found = await Array.fromAsync(allPages((next) => client.listVersions(kind, name, next)));
        print(parsed, found, () =>
          tableOf(
            ['VERSION', 'CREATED', 'DESCRIPTION'],
            found.map((each) => [each.name, timeOf(each.systemData?.createdAt), each.properties.description ?? '']),
            `${name} has no version.`,
          ),
        );
        return;
      }
      const found: AssetContainer[] = await Array.fromAsync(allPages((next) => client.listContainers(kind, {}, next)));
      const named = found.filter((each) => !['azureml_anonymous', 'CliV2AnonymousEnvironment'].includes(each.name));
      print(parsed, named, () =>
        tableOf(
          ['NAME', 'LATEST', 'CHANGED', 'DESCRIPTION'],
          named.map((each) => [
            each.name,
            each.properties.latestVersion ?? '',
            timeOf(each.systemData?.lastModifiedAt),
            each.properties.description ?? '',
          ]),
          `There is no ${noun} yet.`,
        ),
      );
    },
  };
}

function show(kind: AssetKind, noun: string): Command {
  return {
    name: `${noun} show`,
    summary: `Shows a version of ${article(noun)}; the latest when none is named.`,
    usage: '--name N [--version V]',
    options: reference,
    async run(parsed) {
      const { client } = await connect(parsed);
      const name = required(parsed, 'name');
      const found = await client.getAsset(kind, name, text(parsed, 'version') ?? (await latest(parsed, kind, name)));
      const { tags, properties, ...rest } = found.properties as Record<string, any>;
      print(parsed, found, () =>
        factLines([
          ['name', name],
          ['version', found.name],
          ['created', timeOf(found.systemData?.createdAt)],
          ...Object.entries(rest).map(([key, value]): [string, string | undefined] => [
            key,
            value === null || value === ''
              ? undefined
              : typeof value === 'object'
                ? Object.keys(value).length
                  ? JSON.stringify(value)
                  : undefined
                : String(value),
          ]),
          [
            'tags',
            Object.entries(tags ?? {})
              .map(([key, value]) => `${key}=${value}`)
              .join(', '),
          ],
          [
            'lineage',
            Object.entries(properties ?? {})
              .map(([key, value]) => `${key}=${value}`)
              .join('\n'),
          ],
        ]),
      );
    },
  };
}

async function latest(parsed: Parsed, kind: AssetKind, name: string): Promise<string> {
  const { client } = await connect(parsed);
  const { latestVersion } = (await client.getContainer(kind, name)).properties;
  if (!latestVersion) throw new UserError('AssetNotFound', `${name} has no version.`);
  return latestVersion;
}

const nameOf = (id: string): string => decodeURIComponent(/\/([^/]+)\/versions\/[^/]+$/.exec(id)?.[1] ?? '');
function article(noun: string): string {
  return noun === 'data' ? 'data' : /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
