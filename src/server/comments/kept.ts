import type { CommentedKind, CommentedOn } from '../../protocol/comment.ts';
import type { StoredEntity } from '../../store/entities.ts';

/** A member whom a comment mentions. */
export interface Mentioned {
  id: string;
  name: string;
}

/** A comment as it is kept, beside its id and time. */
export interface KeptComment {
  on: CommentedOn;
  text: string;
  by: { id: string; name: string; agent?: string };
  editedAt?: string;
  /** Members whom it mentions and who might read it when it was written. */
  mentions: Mentioned[];
}

export const keptIn = ({ body }: StoredEntity): KeptComment => body as KeptComment;

const w = 'Microsoft.MachineLearningServices/workspaces';
/** What somebody needs, in Azure's words, to read and to write comments. */
export const readAction = (kind: CommentedKind): string => `${w}/${kind}/read`;
export const writeAction = (kind: CommentedKind): string => `${w}/${kind}/write`;
