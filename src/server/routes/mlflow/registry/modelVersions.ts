import { UserError } from '../../../../base/userError.ts';
import type { StoredResource, StoreReader } from '../../../../store/store.ts';
import { forgetComments } from '../../../comments/comments.ts';
import type { Endpoints } from '../endpoint.ts';
import { type Comparison, parseFilter, parseOrder, passes, sortBy } from '../filter.ts';
import { isLonger, lengthLimits } from '../names.ts';
import { invalid, pageOf } from '../request.ts';
import { modelDownloadUri, modelSource } from './modelSource.ts';
import {
  change,
  mlflowFactsOf,
  type RegistryKind,
  registered,
  registryFacts,
  stageOf,
  tagsOf,
  toVersion,
  versionOf,
  versionsOf,
} from './registered.ts';
import { checkRegistryTag, searchedKind } from './registeredModels.ts';
import { activeStages, canonicalStage } from './stages.ts';

/** MLflow's tag of a logged model that lists its registrations. */
const versionsTag = 'mlflow.modelVersions';
const promptText = 'mlflow.prompt.text';

/** MLflow's model versions: the versions of ARM's models, and those of prompts. */
export function modelVersionEndpoints(): Endpoints {
  const find = (reader: StoreReader, fields: { text(name: string): string }) => versionOf(reader, fields.text('name'), versionText(fields));
  return {
    'POST model-versions/create': async (fields, { store }) => {
      const [name, source] = [fields.text('name'), fields.text('source')];
      const [runId, modelId] = [fields.optionalText('run_id') || undefined, fields.optionalText('model_id') || undefined];
      const tags = fields.pairs('tags');
      for (const [key, value] of Object.entries(tags)) {
        if (key === promptText && isLonger(value, lengthLimits.registryTag))
          throw invalid(`Prompt text exceeds max length of ${lengthLimits.registryTag} characters.`);
        checkRegistryTag(key, value);
      }
      const made = await store.write(async (writer) => {
        const model = await registered(writer, name);
        const found =
          model.kind === 'prompts'
            ? { source, download: source, azure: source, runId, modelId }
            : await modelSource(writer, { source, runId, modelId });
        const version = await nextNumber(writer, model);
        const stored = await writer.putResource({
          kind: model.kind,
          name,
          version: String(version),
          properties: {
            modelUri: found.azure,
            ...(model.kind === 'models' ? { modelType: 'mlflow_model', flavors: {}, provisioningState: 'Succeeded' } : {}),
            jobName: found.runId && (await writer.job(found.runId)) ? found.runId : null,
            description: fields.optionalText('description') ?? '',
            tags,
            mlflow: {
              updatedAt: Date.now(),
              source: found.source,
              download: found.download === found.source ? undefined : found.download,
              runId: found.runId,
              modelId: found.modelId,
              runLink: fields.optionalText('run_link') || undefined,
            },
          },
        });
        await change(writer, model, { mlflow: { ...mlflowFactsOf(model), updatedAt: Date.now(), lastVersion: version } }, { touch: false });
        if (model.kind === 'models' && found.modelId) await tellLoggedModel(found.modelId);
        return stored;

        async function tellLoggedModel(id: string): Promise<void> {
          const logged = await writer.entities.get('loggedModel', id);
          if (!logged) return;
          const known = JSON.parse(logged.body.tags[versionsTag] ?? '[]') as { name: string; version: number }[];
          // With the blanks that Python puts in: clients compare the text.
          const texts = [...known, { name, version }].map((each) => `{"name": ${JSON.stringify(each.name)}, "version": ${each.version}}`);
          await writer.entities.put({
            ...logged,
            body: { ...logged.body, tags: { ...logged.body.tags, [versionsTag]: `[${texts.join(', ')}]` } },
          });
        }
      });
      return { model_version: toVersion(made) };
    },
    'GET model-versions/get': async (fields, { store }) => ({ model_version: toVersion(await find(store, fields)) }),
    'GET model-versions/get-download-uri': async (fields, { store }) => {
      const found = await find(store, fields);
      return { artifact_uri: modelDownloadUri(found) };
    },
    'PATCH model-versions/update': async (fields, { store }) => {
      const description = fields.optionalText('description') ?? '';
      return {
        model_version: toVersion(
          await store.write(async (writer) => change(writer, await find(writer, fields), { description }, { touch: true })),
        ),
      };
    },
    'DELETE model-versions/delete': async (fields, { store }) => {
      await store.write(async (writer) => {
        const found = await find(writer, fields);
        await writer.deleteResource(found.kind, found.name, found.version);
        if (found.kind === 'models') await forgetComments(writer, { kind: 'models', name: found.name, version: found.version });
        await change(writer, await registered(writer, found.name), {}, { touch: true });
      });
      return {};
    },
    'GET|POST model-versions/search': async (fields, { store }) => {
      const comparisons = parseFilter(fields.optionalText('filter'));
      const kind = searchedKind(comparisons);
      const tests = comparisons.map(testOf);
      const asked = fields.texts('order_by');
      const order = parseOrder(asked.length ? asked : ['last_updated_timestamp DESC', 'name ASC', 'version_number DESC']).map(
        ({ scope, key, descending }) => ({ read: attributeOf(scope, key, orderKeys), descending }),
      );
      const { items, next } = await pageOf(
        fields,
        async (offset, limit) =>
          sortBy(
            (await candidates(store, kind, comparisons)).filter((each) => tests.every((test) => test(each))),
            [...order, { read: (each) => each.name, descending: false }, { read: (each) => Number(each.version), descending: true }],
          ).slice(offset, offset + limit),
        10_000,
        200_000,
      );
      return { model_versions: items.map(toVersion), ...next };
    },
    'POST model-versions/set-tag': async (fields, { store }) => {
      const [key, value] = [fields.text('key'), fields.optionalText('value') ?? ''];
      checkRegistryTag(key, value);
      await store.write(async (writer) => {
        const found = await find(writer, fields);
        await change(writer, found, { tags: { ...tagsOf(found), [key]: value } }, { touch: false });
      });
      return {};
    },
    'DELETE model-versions/delete-tag': async (fields, { store }) => {
      const key = fields.text('key');
      await store.write(async (writer) => {
        const found = await find(writer, fields);
        const { [key]: _gone, ...tags } = tagsOf(found);
        await change(writer, found, { tags }, { touch: false });
      });
      return {};
    },
    'POST model-versions/transition-stage': async (fields, { store }) => {
      const stage = canonicalStage(fields.text('stage'));
      const archive = fields.flag('archive_existing_versions') ?? false;
      if (archive && !activeStages.includes(stage))
        throw invalid(
          `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
        );
      const moved = await store.write(async (writer) => {
        const found = await find(writer, fields);
        if (archive)
          for (const each of await versionsOf(writer, found))
            if (each.version !== found.version && stageOf(each) === stage)
              await change(writer, each, { stage: 'Archived' }, { touch: true });
        await change(writer, await registered(writer, found.name), {}, { touch: true });
        return change(writer, found, { stage }, { touch: true });
      });
      return { model_version: toVersion(moved) };
    },
  };
}

/** A version may be sent as a number. */
function versionText(fields: { text(name: string): string; all?: Record<string, unknown> }): string {
  const given = fields.all?.version;
  return typeof given === 'number' ? String(given) : fields.text('version');
}

async function nextNumber(reader: StoreReader, model: StoredResource & { kind: RegistryKind }): Promise<number> {
  return Math.max(mlflowFactsOf(model).lastVersion ?? 0, await reader.greatestVersion(model.kind, model.name)) + 1;
}

/** With a name in the filter, only its versions are looked at. */
async function candidates(reader: StoreReader, kind: RegistryKind, comparisons: Comparison[]): Promise<StoredResource[]> {
  const named = comparisons.find(({ scope, key, operator }) => key === 'name' && operator === '=' && !scope.startsWith('tag'));
  const names = named ? [String(named.value)] : (await reader.resources(kind, undefined, 0, 1_000_000)).map((each) => each.name);
  return (await Promise.all(names.map(async (name) => reader.resources(kind, name, 0, 1_000_000)))).flat();
}

type Read = (version: StoredResource) => string | number | undefined;

const searchKeys: Record<string, Read> = {
  name: (each) => each.name,
  version_number: (each) => Number(each.version),
  run_id: (each) => mlflowFactsOf(each).runId ?? ((each.properties.jobName as string | null) || undefined),
  source_path: (each) => String(toVersion(each).source),
};
const orderKeys: Record<string, Read> = {
  name: searchKeys.name!,
  version_number: searchKeys.version_number!,
  creation_timestamp: (each) => mlflowFactsOf(each).createdAt ?? each.createdAt,
  last_updated_timestamp: registryFacts.updatedAt,
};

function attributeOf(scope: string, key: string, keys: Record<string, Read>): Read {
  const read = ['', 'attribute', 'attributes'].includes(scope) && Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (!read) throw new UserError('InvalidRequest', `Invalid attribute name: ${key}. Valid keys are '${Object.keys(keys).join("', '")}'`);
  return read;
}

function testOf(comparison: Comparison): (version: StoredResource) => boolean {
  const { scope, key, operator, value } = comparison;
  if (scope === 'tag' || scope === 'tags') return (each) => key === 'mlflow.prompt.is_prompt' || passes(tagsOf(each)[key], comparison);
  const read = attributeOf(scope, key, searchKeys);
  if (key === 'version_number') {
    if (!['=', '!=', '>', '>=', '<', '<='].includes(operator)) throw invalid(`Invalid comparator for attribute ${key}: ${operator}`);
    if (!Number.isInteger(Number(value))) throw invalid(`Invalid value for numeric attribute '${key}': ${JSON.stringify(value)}`);
  } else if (!['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'].includes(operator))
    throw invalid(`Invalid comparator for attribute: ${operator}`);
  return (each) => passes(read(each), comparison);
}
