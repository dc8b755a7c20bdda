import { randomUUID } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import {
  type Comment,
  type CommentedOn,
  mentionsIn,
  mostComments,
  mostCommentText,
  mostMentioned,
  type NewComment,
  threadOf,
  type WrittenComment,
} from '../../protocol/comment.ts';
import { memberOf, type Principal } from '../../protocol/principal.ts';
import type { StoredEntity } from '../../store/entities.ts';
import type { StoreReader, StoreWriter } from '../../store/store.ts';
import type { Services } from '../services.ts';
import { mayAct } from '../team/mayAct.ts';
import { type KeptComment, keptIn, writeAction } from './kept.ts';
import { putMention, removeMention } from './mentions.ts';
import { peopleMentioned } from './readers.ts';

/** What Owners and Contributors have: to delete what others wrote. */
const tidyAction = 'Microsoft.MachineLearningServices/workspaces/write';

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** What a comment is about, where that is there; throws `NotFound`. */
export async function mustBeThere(store: StoreReader, { kind, name, version }: CommentedOn): Promise<void> {
  const found = kind === 'jobs' ? await store.job(name) : await store.resource('models', name, version ?? '');
  if (found) return;
  const what = kind === 'jobs' ? `job "${name.slice(0, 300)}"` : `model "${name.slice(0, 300)}"`;
  throw new UserError('NotFound', `There is no ${what}${version === undefined ? '' : ` with the version ${version.slice(0, 100)}`}.`);
}

/** Writes a comment. One with an id that is there already is the same one, sent again. */
export async function writeComment(
  services: Services,
  on: CommentedOn,
  { text, id }: NewComment,
): Promise<WrittenComment & { isNew: boolean }> {
  const { store, principal, clock } = services;
  const kept = checkedText(text);
  if (id !== undefined && !uuid.test(id)) throw new UserError('InvalidRequest', 'The id of a comment is a UUID, in lower case.');
  const by = authorOf(principal);
  const { people, notTold } = peopleMentioned(services, on.kind, mentionedIn(kept));
  const thread = threadOf(on);
  const { entity, isNew } = await store.write(async (writer) => {
    await mustBeThere(writer, on);
    const before = id === undefined ? undefined : await writer.entities.get('comment', id);
    if (before) {
      if (before.scope === thread && isAuthor(keptIn(before), principal)) return { entity: before, isNew: false };
      throw new UserError('Conflict', 'There is another comment with this id.', 'Send it with a new one.');
    }
    const [newest] = await writer.entities.list('comment', thread, 0, 1);
    if (newest && (await writer.entities.count('comment', thread)) >= mostComments)
      throw new UserError('Conflict', `There are ${mostComments} comments already.`, 'Delete some of them first.');
    // Servers whose clocks differ keep the order in which people wrote.
    const at = Math.max(clock.now(), (newest?.at ?? 0) + 1);
    const made: StoredEntity = {
      kind: 'comment',
      id: id ?? randomUUID(),
      scope: thread,
      at,
      body: { on, text: kept, by, mentions: people } satisfies KeptComment,
    };
    await writer.entities.put(made);
    for (const each of people) await putMention(writer, each, made);
    return { entity: made, isNew: true };
  });
  return { ...commentOf(services, entity), notTold, isNew };
}

/** Gives a comment another text; only who wrote it may. Who is mentioned now and was not before is told, and who is no more is not shown it. */
export async function editComment(services: Services, on: CommentedOn, id: string, text: string): Promise<WrittenComment> {
  const { store, principal, clock } = services;
  const kept = checkedText(text);
  const { people, notTold } = peopleMentioned(services, on.kind, mentionedIn(kept));
  const entity = await store.write(async (writer) => {
    const before = await findComment(writer, on, id);
    const old = keptIn(before);
    if (!isAuthor(old, principal))
      throw new UserError('Forbidden', `${old.by.name} wrote this comment: nobody else changes it.`, 'Write one of your own.');
    if (old.text === kept) return before;
    const now: StoredEntity = {
      ...before,
      body: { ...old, text: kept, mentions: people, editedAt: new Date(clock.now()).toISOString() } satisfies KeptComment,
    };
    await writer.entities.put(now);
    const ids = new Set(people.map((each) => each.id));
    for (const each of old.mentions) if (!ids.has(each.id)) await removeMention(writer, each.id, id);
    const known = new Set(old.mentions.map((each) => each.id));
    for (const each of people) if (!known.has(each.id)) await putMention(writer, each, now);
    return now;
  });
  return { ...commentOf(services, entity), notTold };
}

/** Deletes a comment: who wrote it may, and who may change the workspace. */
export async function deleteComment(services: Services, on: CommentedOn, id: string): Promise<void> {
  await services.store.write(async (writer) => {
    const found = await findComment(writer, on, id);
    if (!mayDelete(services, keptIn(found)))
      throw new UserError(
        'Forbidden',
        `${keptIn(found).by.name} wrote this comment.`,
        'An Owner or a Contributor of the workspace deletes comments of others.',
      );
    await forget(writer, found);
  });
}

/** Comments of what is about to go; `version`: only those on one version. */
export async function forgetComments(writer: StoreWriter, on: CommentedOn): Promise<void> {
  for (const each of await writer.entities.list('comment', threadOf(on)))
    if (on.version === undefined || keptIn(each).on.version === on.version) await forget(writer, each);
}

/** Comments of a model go with it to its new name. */
export async function renameComments(writer: StoreWriter, name: string, newName: string): Promise<void> {
  const now: CommentedOn = { kind: 'models', name: newName };
  for (const each of await writer.entities.list('comment', threadOf({ kind: 'models', name }))) {
    const kept = keptIn(each);
    await writer.entities.put({ ...each, scope: threadOf(now), body: { ...kept, on: { ...kept.on, name: newName } } });
  }
}

async function forget(writer: StoreWriter, comment: StoredEntity): Promise<void> {
  for (const { id } of keptIn(comment).mentions) await removeMention(writer, id, comment.id);
  await writer.entities.delete('comment', comment.id);
}

export async function findComment(store: StoreReader, on: CommentedOn, id: string): Promise<StoredEntity> {
  const found = await store.entities.get('comment', id);
  if (found?.scope === threadOf(on)) return found;
  throw new UserError('NotFound', 'There is no such comment.', 'It may have been deleted.');
}

/** A comment as it is shown to who asks. */
export function commentOf(services: Services, { id, at, body }: StoredEntity): Comment {
  const { team, principal } = services;
  const { on, text, by, editedAt, mentions } = body as KeptComment;
  const mayWrite = mayAct(services, writeAction(on.kind));
  return {
    id,
    on,
    text,
    by: { ...by, displayName: team?.member(by.id)?.displayName ?? by.name },
    at: new Date(at).toISOString(),
    ...(editedAt === undefined ? {} : { editedAt }),
    mentions: mentions.map(({ name }) => name),
    mayEdit: mayWrite && isAuthor({ by }, principal),
    mayDelete: mayWrite && principal.kind !== 'agent' && mayDelete(services, { by }),
  };
}

const mayDelete = (services: Services, { by }: Pick<KeptComment, 'by'>): boolean =>
  isAuthor({ by }, services.principal) || mayAct(services, tidyAction);

/** Who is asking, as the author of a comment. */
function authorOf(principal: Principal): KeptComment['by'] {
  const { name } = principal;
  const agent = principal.kind === 'agent' ? { agent: principal.agent } : {};
  return { id: personOf(principal), name, ...agent };
}

const personOf = (principal: Principal): string =>
  memberOf(principal)?.id ?? (principal.kind === 'agent' ? `user/${principal.name}` : principal.id);

/** A person may change what an agent wrote for them; an agent changes what it wrote itself. */
const isAuthor = ({ by }: Pick<KeptComment, 'by'>, principal: Principal): boolean =>
  by.id === personOf(principal) && (principal.kind !== 'agent' || by.agent === principal.agent);

/** A text that may be kept. */
function checkedText(text: string): string {
  const kept = text.replaceAll('\r\n', '\n').toWellFormed().trim();
  if (kept === '') throw new UserError('InvalidRequest', 'The comment is empty.', 'Write something.');
  if (kept.length > mostCommentText)
    throw new UserError(
      'InvalidRequest',
      `The comment has ${kept.length} characters, and may have ${mostCommentText}.`,
      'Shorten it, or link to a longer text.',
    );
  if (kept.includes('\u0000'))
    throw new UserError('InvalidRequest', 'The comment has the character U+0000, which is part of no text.', 'Take it out.');
  return kept;
}

function mentionedIn(text: string): string[] {
  const names = mentionsIn(text);
  if (names.length > mostMentioned)
    throw new UserError(
      'InvalidRequest',
      `The comment mentions ${names.length} people, and may mention ${mostMentioned}.`,
      'Mention those whom it is for.',
    );
  return names;
}
