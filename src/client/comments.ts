import type { Page } from '../protocol/arm.ts';
import { check } from '../protocol/check.ts';
import {
  Comment,
  type CommentedKind,
  type CommentedOn,
  CommentPage,
  MentionPage,
  type NewComment,
  Reader,
  type ReadMentions,
  WrittenComment,
} from '../protocol/comment.ts';
import type { Http } from './http.ts';

const addressOf = ({ kind, name }: Pick<CommentedOn, 'kind' | 'name'>, id?: string): string =>
  `/updraft/comments/${kind}/${encodeURIComponent(name)}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;

/** Comments on a job or a model, the newest first; with a version, those on that alone. */
export async function listComments(http: Http, on: CommentedOn, nextLink?: string, top?: number): Promise<CommentPage> {
  const query = new URLSearchParams({ ...(on.version ? { version: on.version } : {}), ...(top ? { $top: String(top) } : {}) });
  return check(CommentPage, await http.json('GET', nextLink ?? `${addressOf(on)}?${query}`), 'The list of comments');
}

export const getComment = async (http: Http, on: CommentedOn, id: string): Promise<Comment> =>
  check(Comment, await http.json('GET', addressOf(on, id)), 'The comment');

/** Writes a comment. With an `id`, a UUID, it may be sent again when no answer came. */
export const writeComment = async (http: Http, on: CommentedOn, { text, id }: Pick<NewComment, 'text' | 'id'>): Promise<WrittenComment> => {
  const body: NewComment = { text, ...(id === undefined ? {} : { id }), ...(on.version === undefined ? {} : { version: on.version }) };
  return check(WrittenComment, await http.json('POST', addressOf(on), body), 'The comment');
};

export const editComment = async (http: Http, on: CommentedOn, id: string, text: string): Promise<WrittenComment> =>
  check(WrittenComment, await http.json('PATCH', addressOf(on, id), { text }), 'The comment');

export const deleteComment = (http: Http, on: CommentedOn, id: string): Promise<void> => http.json('DELETE', addressOf(on, id));

/** Members who may read the workspace's jobs or models, with a text in their names: at most 20. */
export const listReaders = async (http: Http, kind: CommentedKind, search: string): Promise<Reader[]> =>
  (await http.json<Page<Reader>>('GET', `/updraft/readers/${kind}?search=${encodeURIComponent(search)}`)).value.map((each) =>
    check(Reader, each, 'A member'),
  );

/** Comments that mention who asks, in all workspaces, the newest first. */
export async function listMentions(http: Http, query: { unread?: boolean; top?: number } = {}, nextLink?: string): Promise<MentionPage> {
  const asked = new URLSearchParams({ ...(query.unread ? { unread: 'true' } : {}), ...(query.top ? { $top: String(query.top) } : {}) });
  return check(MentionPage, await http.json('GET', nextLink ?? `/updraft/mentions?${asked}`), 'The list of mentions');
}

export const markMentions = (http: Http, marked: ReadMentions): Promise<void> => http.json('POST', '/updraft/mentions/read', marked);
