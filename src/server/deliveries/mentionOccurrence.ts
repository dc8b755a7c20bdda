import type { StoredEntity } from '../../store/entities.ts';
import { keptIn } from '../comments/kept.ts';
import type { Occurrence } from './occurrence.ts';

/** That a comment mentions somebody, which is told to that member alone. */
export function mentionOccurrence(mention: StoredEntity, comment: StoredEntity): Occurrence {
  const { on, by, text } = keptIn(comment);
  return {
    event: 'comment.mention',
    resource: `${on.kind}/${on.name}`,
    data: { comment: comment.id, on, by: by.name, text },
    member: mention.scope,
  };
}
