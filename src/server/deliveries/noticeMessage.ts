import type { CommentedOn } from '../../protocol/comment.ts';
import { pageOfComment } from '../../protocol/commentPage.ts';
import { pathOfPage } from '../../protocol/pageLink.ts';
import type { PageAddress } from '../../protocol/webview.ts';
import type { Pending } from './queue.ts';

/** The text of a notice. `link` leads to the Studio; absent where the plane is not published. */
export interface NoticeMessage {
  title: string;
  lines: string[];
  link?: string;
}

type Told = Pick<Pending, 'event' | 'data'>;

const longest = 500;

/** What a person is told of an event. Names and messages come from whoever made the job or the model, so each stands on one line and is not long. */
export function noticeMessage(
  { event, data }: Told,
  { workspace, publicUrl }: { workspace: string; publicUrl: string | undefined },
): NoticeMessage {
  const name = plain(data.name);
  const at = (page: 'job' | 'model', of: string, version?: string) =>
    publicUrl === undefined
      ? {}
      : { link: linkTo(publicUrl, workspace, { page, name: of, ...(version === undefined ? {} : { version }) }) };
  const where = `Workspace: ${plain(workspace)}`;
  if (event.startsWith('job.')) {
    const error = data.error as { message?: unknown; hint?: unknown } | null;
    const shown = plain(data.display_name) || name;
    return {
      title: `${shown} ${{ 'job.completed': 'completed', 'job.failed': 'failed' }[event as string] ?? 'was canceled'}`,
      lines: [
        `Job: ${name}`,
        ...(data.experiment_name ? [`Experiment: ${plain(data.experiment_name)}`] : []),
        ...(error?.message ? [`Error: ${plain(error.message)}`] : []),
        ...(error?.hint ? [`What to do: ${plain(error.hint)}`] : []),
        `Submitted by: ${plain(data.user)}`,
        where,
      ],
      ...at('job', String(data.name)),
    };
  }
  if (event === 'model_version.created') {
    const version = plain(data.version);
    return {
      title: `${name} has the version ${version}`,
      lines: [`Model: ${name}`, `Version: ${version}`, ...(data.description ? [`Description: ${plain(data.description)}`] : []), where],
      ...at('model', String(data.name), String(data.version)),
    };
  }
  if (event === 'comment.mention') {
    const on = data.on as CommentedOn;
    return {
      title: `${plain(data.by)} mentions you in a comment`,
      lines: [
        `Comment: ${plain(data.text)}`,
        `On the ${on.kind === 'jobs' ? 'job' : 'model'}: ${plain(on.name)}${on.version === undefined ? '' : ` ${plain(on.version)}`}`,
        where,
      ],
      ...(publicUrl === undefined ? {} : { link: linkTo(publicUrl, workspace, pageOfComment({ id: String(data.comment), on })) }),
    };
  }
  if (event === 'webhook.disabled') return { title: `The webhook ${name} was turned off`, lines: [plain(data.reason), where] };
  return { title: `${event} ${name}`, lines: [where] };
}

function linkTo(publicUrl: string, workspace: string, page: PageAddress): string {
  const path = pathOfPage(page);
  return `${publicUrl}/studio${path}${path.includes('?') ? '&' : '?'}workspace=${encodeURIComponent(workspace)}`;
}

/** One line without what a terminal, a mail or a chat would obey. */
function plain(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
