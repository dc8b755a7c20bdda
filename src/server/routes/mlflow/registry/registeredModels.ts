import { UserError } from '../../../../base/userError.ts';
import type { StoredResource } from '../../../../store/store.ts';
import { forgetComments, renameComments } from '../../../comments/comments.ts';
import type { Endpoints } from '../endpoint.ts';
import { type Comparison, parseFilter, parseOrder, passes, sortBy } from '../filter.ts';
import { checkAlias, checkLength, checkModelName, checkName, lengthLimits } from '../names.ts';
import { invalid, pageOf } from '../request.ts';
import {
  aliasesOf,
  change,
  isPrompt,
  latestVersions,
  promptTag,
  type RegistryKind,
  registered,
  registryFacts,
  stageOf,
  tagsOf,
  toModel,
  toVersion,
  versionOf,
  versionsOf,
} from './registered.ts';
import { canonicalStage } from './stages.ts';

/** MLflow's registered models (and prompts): the containers of ARM's models. */
export function registeredModelEndpoints(): Endpoints {
  return {
    'POST registered-models/create': async (fields, { store }) => {
      const name = fields.text('name');
      checkModelName(name);
      const tags = fields.pairs('tags');
      for (const [key, value] of Object.entries(tags)) checkRegistryTag(key, value);
      const kind: RegistryKind = isPrompt(tags) ? 'prompts' : 'models';
      const made = await store.write(async (writer) => {
        const [model, prompt] = [await writer.resource('models', name, ''), await writer.resource('prompts', name, '')];
        if (model || prompt) throw taken(name, prompt ? 'prompts' : 'models', kind);
        return writer.putResource({
          kind,
          name,
          version: '',
          properties: { description: fields.optionalText('description') ?? '', tags, mlflow: { updatedAt: Date.now() } },
        });
      });
      return { registered_model: await toModel(store, made) };
    },
    'GET registered-models/get': async (fields, { store }) => ({
      registered_model: await toModel(store, await registered(store, fields.text('name'))),
    }),
    'POST registered-models/rename': async (fields, { store }) => {
      const [name, newName] = [fields.text('name'), fields.optionalText('new_name')];
      checkModelName(newName, 'new_name');
      const renamed = await store.write(async (writer) => {
        const found = await registered(writer, name);
        if (newName !== name && ((await writer.resource('models', newName, '')) ?? (await writer.resource('prompts', newName, ''))))
          throw new UserError('Conflict', `Registered Model (name=${newName}) already exists.`);
        await writer.renameResource(found.kind, name, newName);
        if (found.kind === 'models' && newName !== name) await renameComments(writer, name, newName);
        for (const version of await versionsOf(writer, { ...found, name: newName })) await change(writer, version, {}, { touch: true });
        return change(writer, await registered(writer, newName), {}, { touch: true });
      });
      return { registered_model: await toModel(store, renamed) };
    },
    'PATCH registered-models/update': async (fields, { store }) => {
      const description = fields.optionalText('description') ?? '';
      const changed = await store.write(async (writer) =>
        change(writer, await registered(writer, fields.text('name')), { description }, { touch: true }),
      );
      return { registered_model: await toModel(store, changed) };
    },
    'DELETE registered-models/delete': async (fields, { store }) => {
      await store.write(async (writer) => {
        const found = await registered(writer, fields.text('name'));
        for (const version of await versionsOf(writer, found)) await writer.deleteResource(found.kind, found.name, version.version);
        await writer.deleteResource(found.kind, found.name, '');
        if (found.kind === 'models') await forgetComments(writer, { kind: 'models', name: found.name });
      });
      return {};
    },
    'GET|POST registered-models/search': async (fields, { store }) => {
      const comparisons = parseFilter(fields.optionalText('filter'));
      const kind = searchedKind(comparisons);
      const tests = comparisons.map(testOf);
      const order = parseOrder(fields.texts('order_by')).map(({ scope, key, descending }) => ({ read: orderOf(scope, key), descending }));
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) =>
          sortBy(
            (await store.resources(kind, undefined, 0, 1_000_000)).filter((each) => tests.every((test) => test(each))),
            [...order, { read: (each) => each.name, descending: false }],
          ).slice(offset, offset + limit),
        100,
        1000,
      );
      return { registered_models: await Promise.all(items.map(async (each) => toModel(store, each))), ...next };
    },
    'POST registered-models/set-tag': async (fields, { store }) => {
      const [key, value] = [fields.text('key'), fields.optionalText('value') ?? ''];
      checkRegistryTag(key, value);
      await store.write(async (writer) => {
        const found = await registered(writer, fields.text('name'));
        await change(writer, found, { tags: { ...tagsOf(found), [key]: value } }, { touch: false });
      });
      return {};
    },
    'DELETE registered-models/delete-tag': async (fields, { store }) => {
      await store.write(async (writer) => {
        const found = await registered(writer, fields.text('name'));
        const { [fields.text('key')]: _gone, ...tags } = tagsOf(found);
        await change(writer, found, { tags }, { touch: false });
      });
      return {};
    },
    'GET|POST registered-models/get-latest-versions': async (fields, { store }) => {
      const wanted = fields.texts('stages').map(canonicalStage);
      const latest = latestVersions(await versionsOf(store, await registered(store, fields.text('name'))));
      return { model_versions: latest.filter((each) => wanted.length === 0 || wanted.includes(stageOf(each))).map(toVersion) };
    },

    'POST registered-models/alias': async (fields, { store }) => {
      const [name, alias, version] = [fields.text('name'), fields.optionalText('alias'), fields.text('version')];
      checkAlias(alias, true);
      await store.write(async (writer) => {
        const target = await versionOf(writer, name, version);
        for (const each of await versionsOf(writer, target)) {
          const [has, should] = [aliasesOf(each).includes(alias), each.version === target.version];
          if (has !== should)
            await change(
              writer,
              each,
              { aliases: should ? [...aliasesOf(each), alias] : without(aliasesOf(each), alias) },
              { touch: false },
            );
        }
      });
      return {};
    },
    'DELETE registered-models/alias': async (fields, { store }) => {
      const alias = fields.optionalText('alias');
      checkAlias(alias, false);
      await store.write(async (writer) => {
        for (const each of await versionsOf(writer, await registered(writer, fields.text('name'))))
          if (aliasesOf(each).includes(alias)) await change(writer, each, { aliases: without(aliasesOf(each), alias) }, { touch: false });
      });
      return {};
    },
    'GET registered-models/alias': async (fields, { store }) => {
      const alias = fields.optionalText('alias');
      checkAlias(alias, false);
      const found = await registered(store, fields.text('name'));
      const versions = await versionsOf(store, found);
      const holder = alias.toLowerCase() === 'latest' ? versions[0] : versions.find((each) => aliasesOf(each).includes(alias));
      if (!holder) throw invalid(`Registered model alias ${alias} not found.`);
      return { model_version: toVersion(holder) };
    },
  };
}

const without = (aliases: string[], alias: string): string[] => aliases.filter((each) => each !== alias);

export function checkRegistryTag(key: string, value: string): void {
  checkName(key, 'key');
  checkLength('key', lengthLimits.key, key);
  checkLength('value', lengthLimits.registryTag, value);
}

function taken(name: string, old: RegistryKind, asked: RegistryKind): UserError {
  const word = { models: 'Registered Model', prompts: 'Prompt' };
  if (old === asked) return new UserError('Conflict', `${word[asked]} (name=${name}) already exists.`);
  return new UserError(
    'Conflict',
    `Tried to create a ${word[asked].toLowerCase()} with name '${name}', but the name is already taken by a ${word[old].toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
  );
}

/** Prompts are found only when the filter asks for them. */
export function searchedKind(comparisons: Comparison[]): RegistryKind {
  const asked = comparisons.find(({ scope, key }) => scope.startsWith('tag') && key === promptTag);
  if (!asked) return 'models';
  const value = String(asked.value).toLowerCase();
  return (asked.operator === '=' && value === 'true') || (asked.operator === '!=' && value === 'false') ? 'prompts' : 'models';
}

function testOf(comparison: Comparison): (model: StoredResource) => boolean {
  const { scope, key } = comparison;
  if (scope === 'tag' || scope === 'tags') return key === promptTag ? () => true : (each) => passes(tagsOf(each)[key], comparison);
  if (key !== 'name' || !['', 'attribute', 'attributes'].includes(scope)) throw invalid(`Invalid attribute name: ${key}`);
  if (!['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'].includes(comparison.operator))
    throw invalid(`Invalid comparator for attribute: ${comparison.operator}`);
  return (each) => passes(each.name, comparison);
}

function orderOf(scope: string, key: string): (model: StoredResource) => string | number {
  if (scope === '' && key === 'name') return (each) => each.name;
  if (scope === '' && ['timestamp', 'last_updated_timestamp'].includes(key)) return registryFacts.updatedAt;
  throw invalid(`Invalid order by key '${key}' specified. Valid keys are '{'name', 'timestamp', 'last_updated_timestamp'}'`);
}
