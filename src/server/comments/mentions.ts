import { mostMentionsKept } from '../../protocol/comment.ts';
import type { StoredEntity } from '../../store/entities.ts';
import type { StoreWriter } from '../../store/store.ts';
import { keptIn, type Mentioned } from './kept.ts';

/** Under what a mention is kept, and what the change of kind `mention` has as its `id`: whom, and by which comment. */
const mentionId = (member: string, comment: string): string => `${member}/${comment}`;

/**
 * Notes that a comment mentions somebody. It leaves a change of kind `mention` with `op: put`, once for each person and comment: who tells people by other ways follows those. That somebody has
 * read it is kept apart (`mentionRead`), so that it is no such change.
 */
export async function putMention(writer: StoreWriter, { id: member }: Mentioned, comment: StoredEntity): Promise<void> {
  // Nobody needs to be told what they wrote themselves.
  if (member === keptIn(comment).by.id) return;
  const body = { comment: comment.id, kind: keptIn(comment).on.kind };
  await writer.entities.put({ kind: 'mention', id: mentionId(member, comment.id), scope: member, at: comment.at, body });
  for (const { body: old } of await writer.entities.list('mention', member, mostMentionsKept, 10))
    await removeMention(writer, member, old.comment);
}

export async function removeMention(writer: StoreWriter, member: string, comment: string): Promise<void> {
  await writer.entities.delete('mention', mentionId(member, comment));
  await writer.entities.delete('mentionRead', mentionId(member, comment));
}
