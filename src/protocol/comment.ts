import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Characters of a comment. */
export const mostCommentText = 10_000;
/** Comments that a job, or a model with all of its versions, keeps. */
export const mostComments = 5000;
/** People whom one comment may mention. */
export const mostMentioned = 50;
/** Mentions of one person that a workspace keeps, the newest. */
export const mostMentionsKept = 1000;

/** What has comments, in Azure's words. */
export const commentedKinds = ['jobs', 'models'] as const;
export type CommentedKind = (typeof commentedKinds)[number];

/** What a comment is about. `version` is one of a model; absent: the model as a whole. */
export const CommentedOn = Type.Object({
  kind: Type.Enum([...commentedKinds]),
  name: Type.String(),
  version: Type.Optional(Type.String()),
});
export type CommentedOn = Static<typeof CommentedOn>;

/** Whose comments belong together, and what changes of kind `comment` have as their `id`: `jobs/NAME` or `models/NAME`. */
export const threadOf = ({ kind, name }: Pick<CommentedOn, 'kind' | 'name'>): string => `${kind}/${name}`;

/**
 * `POST /updraft/comments/{jobs|models}/{name}`. A client that may have to send it twice gives it an `id`, a UUID: the same id is the same comment. `PATCH …/{id}` has the new `text` alone.
 * Who writes it, the token says.
 */
export const NewComment = Type.Object({
  text: Type.String(),
  id: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
});
export type NewComment = Static<typeof NewComment>;
export const CommentPatch = Type.Object({ text: Type.String() });

/**
 * A comment on a job or a model. `text` is plain text, of which pages draw a small part of Markdown and no HTML. `mentions` are the names of members that it mentions and who may read it.
 * Times are ISO-8601. `mayEdit` and `mayDelete` are said to who asks.
 */
export const Comment = Type.Object({
  id: Type.String(),
  on: CommentedOn,
  text: Type.String(),
  /** `agent`: the program that wrote it for this person. */
  by: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String(), agent: Type.Optional(Type.String()) }),
  at: Type.String(),
  editedAt: Type.Optional(Type.String()),
  mentions: Type.Array(Type.String()),
  mayEdit: Type.Boolean(),
  mayDelete: Type.Boolean(),
});
export type Comment = Static<typeof Comment>;

/** The answer to who writes: `notTold` are mentions of nobody who may read it. */
export const WrittenComment = Type.Object({ ...Comment.properties, notTold: Type.Array(Type.String()) });
export type WrittenComment = Static<typeof WrittenComment>;

/** `GET /updraft/comments/{jobs|models}/{name}?version=V`: the newest first. */
export const CommentPage = Type.Object({
  value: Type.Array(Comment),
  nextLink: Type.Optional(Type.String()),
  /** Whether who asks may write one. */
  mayWrite: Type.Boolean(),
  /** Whether people can be mentioned: not on the plane of one person. */
  hasMentions: Type.Boolean(),
});
export type CommentPage = Static<typeof CommentPage>;

/** `GET /updraft/readers/{jobs|models}?search=TEXT`: members who may read the workspace's jobs or models, by name. */
export const Reader = Type.Object({ name: Type.String(), displayName: Type.String() });
export type Reader = Static<typeof Reader>;

/** A comment that mentions who asks, in whatever workspace. `title` is what people call that which it is about: the display name of a job. */
export const Mention = Type.Object({ workspace: Type.String(), title: Type.String(), comment: Comment, isRead: Type.Boolean() });
export type Mention = Static<typeof Mention>;

/** `GET /updraft/mentions?unread=true`: the newest first. `unread` counts all that were not read. */
export const MentionPage = Type.Object({
  value: Type.Array(Mention),
  nextLink: Type.Optional(Type.String()),
  unread: Type.Integer(),
});
export type MentionPage = Static<typeof MentionPage>;

/** `POST /updraft/mentions/read`: which were read, or not (`isRead: false`); without `mentions` all of them. */
export const ReadMentions = Type.Object({
  isRead: Type.Boolean(),
  mentions: Type.Optional(Type.Array(Type.Object({ workspace: Type.String(), comment: Type.String() }), { maxItems: mostMentionsKept })),
});
export type ReadMentions = Static<typeof ReadMentions>;

/** `GET /updraft/whom-to-ask?workspace=NAME`: who gives roles. Of a workspace that who asks does not see it is answered as of one that does not exist. */
export const WhomToAsk = Type.Object({ seesWorkspace: Type.Boolean(), owners: Type.Array(Reader) });
export type WhomToAsk = Static<typeof WhomToAsk>;

/** `@` and an address of mail. Before it stands nothing, a space or a sign. */
const mention = /(?<![\p{L}\p{N}@._%+-])@([\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,253}[\p{L}\p{N}])?)/u;
const everyMention = new RegExp(mention, 'gu');
const code = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;

/** The people that a text mentions, `@ann@example.org`, each once and in lower case. What is written as code mentions nobody. */
export function mentionsIn(text: string): string[] {
  const found = new Set<string>();
  for (const [, name] of text.replaceAll(code, ' ').matchAll(everyMention)) found.add(name!.toLowerCase());
  return [...found];
}

/** The mention that a text begins with, without its `@`; undefined where it begins with none. */
export const mentionAtStart = (text: string): string | undefined => {
  const found = mention.exec(text);
  return found?.index === 0 ? found[1] : undefined;
};
