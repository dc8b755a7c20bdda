import type { NewResource, StoredResource } from '../../store/store.ts';
import { aliasesOf, promptTag, tagsOf, toVersion } from '../routes/mlflow/registry/registered.ts';
import type { Occurrence } from './occurrence.ts';

type Event = Occurrence['event'];

/** What MLflow calls that which happens to a model or a prompt. */
const words = {
  models: { container: 'registered_model', version: 'model_version', tag: 'model_version_tag', alias: 'model_version_alias' },
  prompts: { container: 'prompt', version: 'prompt_version', tag: 'prompt_version_tag', alias: 'prompt_alias' },
} as const;

const promptText = 'mlflow.prompt.text';
/** Tags by which MLflow keeps what a prompt is. */
const ofPrompts = [promptText, promptTag, '_mlflow_prompt_type'];

export const isOfRegistry = (resource: Pick<NewResource, 'kind'>): resource is { kind: 'models' | 'prompts' } =>
  resource.kind === 'models' || resource.kind === 'prompts';

/** What a write did to a model, a prompt or a version of one, in MLflow's events. What is the same as before is told nobody. */
export function modelOccurrences(before: StoredResource | undefined, after: StoredResource): Occurrence[] {
  if (!isOfRegistry(after)) return [];
  const { kind, name, version } = after as StoredResource & { kind: 'models' | 'prompts' };
  const word = words[kind];
  const told: Occurrence[] = [];
  const tell = (event: string, data: Record<string, unknown>) =>
    told.push({ event: event as Event, resource: `${kind}/${name}`, data: { name, ...data } });
  const isMade = before === undefined;
  if (isMade && version === '') tell(`${word.container}.created`, { tags: shownTags(after), description: descriptionOf(after) ?? '' });
  if (isMade && version !== '')
    tell(
      `${word.version}.created`,
      kind === 'models'
        ? { version, ...madeFrom(after), tags: shownTags(after), description: descriptionOf(after) }
        : { version, template: tagsOf(after)[promptText] ?? '', tags: shownTags(after), description: descriptionOf(after) },
    );
  const [oldAliases, newAliases] = [before ? aliasesOf(before) : [], aliasesOf(after)];
  for (const alias of newAliases) if (!oldAliases.includes(alias)) tell(`${word.alias}.created`, { alias, version });
  for (const alias of oldAliases) if (!newAliases.includes(alias)) tell(`${word.alias}.deleted`, { alias });
  // MLflow has no events for the tags of a registered model.
  const tag = version === '' ? (kind === 'prompts' ? 'prompt_tag' : undefined) : word.tag;
  if (!isMade && tag) {
    const at = version === '' ? {} : { version };
    const [old, now] = [tagsOf(before), tagsOf(after)];
    for (const [key, value] of Object.entries(now)) if (old[key] !== value) tell(`${tag}.set`, { ...at, key, value });
    for (const key of Object.keys(old)) if (!Object.hasOwn(now, key)) tell(`${tag}.deleted`, { ...at, key });
  }
  return told;
}

/**
 * What one write did, as it is told: a model before its first version, though Azure's API makes them the other way round; and an alias that went to another version as one that was given, as MLflow tells it.
 */
export function asTold(told: Occurrence[]): Occurrence[] {
  const isContainer = ({ event }: Occurrence) => event === 'registered_model.created' || event === 'prompt.created';
  return withoutMoves([...told.filter(isContainer), ...told.filter((each) => !isContainer(each))]);
}

function withoutMoves(told: Occurrence[]): Occurrence[] {
  const given = new Set(told.filter(({ event }) => event.endsWith('_alias.created')).map(aliasOf));
  return told.filter((each) => !each.event.endsWith('_alias.deleted') || !given.has(aliasOf(each)));
}

const aliasOf = ({ resource, data }: Occurrence): string => `${resource} ${data.alias}`;

function madeFrom(stored: StoredResource): { source: unknown; run_id: unknown } {
  const { source, run_id } = toVersion(stored);
  return { source, run_id: run_id ?? null };
}

function shownTags(stored: StoredResource): Record<string, string> {
  return Object.fromEntries(Object.entries(tagsOf(stored)).filter(([key]) => stored.kind !== 'prompts' || !ofPrompts.includes(key)));
}

const descriptionOf = ({ properties: { description } }: StoredResource): string | null =>
  typeof description === 'string' && description !== '' ? description : null;
