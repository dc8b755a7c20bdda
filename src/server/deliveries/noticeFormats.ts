import type { NoticeMessage } from './noticeMessage.ts';

/** The text of a mail that has no HTML. */
export const textOf = ({ title, lines, link }: NoticeMessage): string =>
  [title, '', ...lines, ...(link === undefined ? [] : ['', link])].join('\n');

export const htmlOf = ({ title, lines, link }: NoticeMessage): string =>
  [
    '<!doctype html><html lang="en"><body style="font-family: sans-serif">',
    `<h2 style="font-size: 1.1em">${escaped(title)}</h2>`,
    `<p>${lines.map(escaped).join('<br>')}</p>`,
    ...(link === undefined ? [] : [`<p><a href="${escaped(link)}">Open it in the Studio</a></p>`]),
    '</body></html>',
  ].join('\n');

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (each) => entities[each]!);

/** What Slack's incoming webhooks take: https://api.slack.com/messaging/webhooks. Nothing in the texts mentions anybody or makes a link. */
export function slackBody(message: NoticeMessage): object {
  const slack = (text: string) => text.replace(/[&<>]/g, (each) => entities[each]!);
  const { title, lines, link } = message;
  const plain = (text: string) => ({ type: 'section', text: { type: 'plain_text', text: text.slice(0, 2900), emoji: false } });
  return {
    text: slack(title),
    blocks: [
      plain([title, ...lines].join('\n')),
      ...(link === undefined ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: `<${slack(link)}|Open it in the Studio>` } }]),
    ],
  };
}

/** What the webhooks of Teams' workflows take: an Adaptive Card. `RichTextBlock` shows its text as it is, without Markdown. */
export function teamsBody({ title, lines, link }: NoticeMessage): object {
  const text = (each: string, more: object = {}) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: each, ...more }] });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [text(title, { weight: 'Bolder', size: 'Medium' }), ...lines.map((line) => text(line))],
          ...(link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open it in the Studio', url: link }] }),
        },
      },
    ],
  };
}
