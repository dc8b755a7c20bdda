import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { UserError } from '../../base/userError.ts';
import { deleteComment, editComment, listComments, listMentions, markMentions, writeComment } from '../../client/comments.ts';
import { allPages } from '../../client/planeClient.ts';
import type { Comment, CommentedOn, Mention, WrittenComment } from '../../protocol/comment.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, required, text, whole } from '../parsed.ts';
import { timeOf } from '../textParts.ts';
import { teamPlane } from './teamPlane.ts';

/** Most that are listed where nothing is said. */
const usual = 50;

export async function listThem(parsed: Parsed): Promise<Outcome> {
  const on = subject(parsed);
  const { client } = await connect(parsed);
  const most = whole(parsed, 'max-results') ?? usual;
  const value = await firstOf(
    allPages((next) => listComments(client.http, on, next)),
    most,
  );
  return { value, text: () => value.map(commentText).join('\n\n') || 'There are no comments.' };
}

export async function addOne(parsed: Parsed): Promise<Outcome> {
  const on = subject(parsed);
  const text = await textOf(parsed);
  const { client } = await connect(parsed);
  return written(await writeComment(client.http, on, { text }));
}

export async function updateOne(parsed: Parsed): Promise<Outcome> {
  const on = subject(parsed);
  const id = required(parsed, 'id');
  const text = await textOf(parsed);
  const { client } = await connect(parsed);
  return written(await editComment(client.http, on, id, text));
}

export async function deleteOne(parsed: Parsed): Promise<Outcome> {
  const on = subject(parsed);
  const id = required(parsed, 'id');
  const { client } = await connect(parsed);
  await deleteComment(client.http, on, id);
  return { text: () => 'The comment is deleted.' };
}

export async function showMentions(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const unread = !flag(parsed, 'all');
  const most = whole(parsed, 'max-results') ?? usual;
  const value = await firstOf(
    allPages((next) => listMentions(plane, { unread }, next)),
    most,
  );
  if (flag(parsed, 'mark-read')) await markMentions(plane, { isRead: true });
  return {
    value,
    text: () =>
      value.map(mentionText).join('\n\n') || (unread ? 'Nobody has mentioned you since you looked last.' : 'Nobody has mentioned you.'),
  };
}

/** What a comment is about, as the options say it. A name of a model may not have a colon. */
function subject(parsed: Parsed): CommentedOn {
  const [job, model] = [text(parsed, 'job'), text(parsed, 'model')];
  if ((job === undefined) === (model === undefined))
    throw new UserError('InvalidArgument', 'Say what the comment is about.', 'Give --job NAME, or --model NAME or NAME:VERSION.');
  if (job !== undefined) return { kind: 'jobs', name: job };
  const [name = '', version] = model!.split(':');
  return { kind: 'models', name, ...(version ? { version } : {}) };
}

async function textOf(parsed: Parsed): Promise<string> {
  const [given, file] = [text(parsed, 'text'), text(parsed, 'file')];
  if ((given === undefined) === (file === undefined))
    throw new UserError('InvalidArgument', 'Say what the comment says.', 'Give --text TEXT, or --file FILE.');
  if (given !== undefined) return given;
  if (file === '-') return readAll(process.stdin);
  try {
    return readFileSync(file!, 'utf8');
  } catch {
    throw new UserError('MissingFile', `The file ${file} can't be read.`, 'Look at its path.');
  }
}

const written = (value: WrittenComment): Outcome => ({
  value,
  text: () =>
    [commentText(value), ...value.notTold.map((name) => `Not told: @${plain(name)}, who is nobody that may read this workspace.`)].join(
      '\n',
    ),
});

const whoOf = ({ by }: Comment): string => plain(by.agent === undefined ? by.name : `${by.agent} for ${by.name}`);
const about = ({ on }: Comment): string => plain(on.version === undefined ? on.name : `${on.name}:${on.version}`);

const commentText = (comment: Comment): string =>
  [
    `${whoOf(comment)}  ${timeOf(comment.at)}${comment.editedAt ? ', edited' : ''}${comment.on.version === undefined ? '' : `  version ${plain(comment.on.version)}`}  ${comment.id}`,
    indented(comment.text),
  ].join('\n');

const mentionText = ({ workspace, comment, isRead }: Mention): string =>
  [
    `${whoOf(comment)}  ${timeOf(comment.at)}  ${comment.on.kind === 'jobs' ? 'job' : 'model'} ${about(comment)} in ${workspace}${isRead ? ', read' : ''}`,
    indented(comment.text),
  ].join('\n');

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${plain(line)}`)
    .join('\n');

/** Without what a terminal would obey, and what turns the direction of what follows. */
const plain = (line: string): string => line.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');

async function firstOf<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const found: T[] = [];
  if (most > 0)
    for await (const each of items) {
      found.push(each);
      if (found.length === most) break;
    }
  return found;
}
