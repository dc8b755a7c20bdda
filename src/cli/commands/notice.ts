import { noticeEvents, noticeFormats } from '../../protocol/notice.ts';
import type { Command } from '../command.ts';
import { many, text } from '../options.ts';

const notices = () => import('../work/notices.ts');
const webhooks = () => import('../work/webhooks.ts');

const id = { id: text('Id of the notice, as in "updraft notice list".', { value: 'ID' }) };
const webhook = { id: text('Id of the webhook, as in "updraft webhook list".', { value: 'ID' }) };

/** What people want to be told, and the webhooks of a workspace, which are made with MLflow's client. */
export const noticeCommands: Command[] = [
  {
    names: ['notice add'],
    what: 'Has you told of ends of jobs and of new versions of models, by webhook or by mail.',
    inWorkspace: true,
    options: {
      on: many(`What you want to be told: ${noticeEvents.join(', ')}. Ends and failures of jobs where nothing is said.`, {
        value: 'EVENT',
      }),
      jobs: text('Of whose jobs: your own where nothing is said.', { choices: ['mine', 'workspace'] }),
      model: text('New versions of this model alone.', { value: 'NAME' }),
      url: text('Address of the webhook.', { value: 'URL' }),
      format: text('What the webhook takes; json where nothing is said.', { choices: [...noticeFormats] }),
      'secret-file': { takes: 'path', what: 'File with the secret with which requests are signed.', value: 'FILE' },
      email: text('Address of mail.', { value: 'MAIL' }),
    },
    run: async (parsed) => (await notices()).addNotice(parsed),
  },
  {
    names: ['notice list'],
    what: 'Lists your notices, and how it goes with them.',
    inWorkspace: true,
    options: {},
    run: async (parsed) => (await notices()).listNotices(parsed),
  },
  {
    names: ['notice remove'],
    what: 'Ends a notice.',
    words: 'ID',
    inWorkspace: true,
    options: id,
    run: async (parsed) => (await notices()).removeNotice(parsed),
  },
  {
    names: ['notice test'],
    what: 'Sends an example. Exits with 1 when it does not arrive.',
    words: 'ID',
    inWorkspace: true,
    options: id,
    run: async (parsed) => (await notices()).testNotice(parsed),
  },
  {
    names: ['notice deliveries'],
    what: 'Lists what was sent for a notice, and what waits.',
    words: 'ID',
    inWorkspace: true,
    options: id,
    run: async (parsed) => (await notices()).noticeDeliveries(parsed),
  },
  {
    names: ['webhook list'],
    what: 'Lists the webhooks of the workspace, and how it goes with them.',
    inWorkspace: true,
    options: {},
    run: async (parsed) => (await webhooks()).listWebhooks(parsed),
  },
  {
    names: ['webhook deliveries'],
    what: 'Lists what was sent to a webhook, and what waits.',
    words: 'ID',
    inWorkspace: true,
    options: webhook,
    run: async (parsed) => (await webhooks()).webhookDeliveries(parsed),
  },
];
