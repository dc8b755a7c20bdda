import type { Comment } from './comment.ts';
import type { PageAddress } from './webview.ts';

/** Where a comment is shown: the page of the job or model that it is about, with the comment in view. */
export const pageOfComment = ({ id, on }: Pick<Comment, 'id' | 'on'>): PageAddress => ({
  page: on.kind === 'jobs' ? 'job' : 'model',
  name: on.name,
  tab: 'comments',
  ...(on.version === undefined ? {} : { version: on.version }),
  state: { comment: id },
});
