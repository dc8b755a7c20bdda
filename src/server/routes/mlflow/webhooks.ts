import { randomUUID } from 'node:crypto';
import { UserError } from '../../../base/userError.ts';
import { type WebhookEvent, webhookEvents, webhookStatuses } from '../../../protocol/webhook.ts';
import type { EntityReader, StoredEntity } from '../../../store/entities.ts';
import { checkReceiver } from '../../deliveries/checkReceiver.ts';
import { exampleOf } from '../../deliveries/exampleOf.ts';
import { sealedAt } from '../../deliveries/sealedFields.ts';
import { subscriptionOf, type Webhook } from '../../deliveries/subscription.ts';
import type { PlaneServices } from '../../services.ts';
import type { Endpoints } from './endpoint.ts';
import { type Fields, invalid, missing, pageOf } from './request.ts';

type Kept = StoredEntity & { body: Webhook };

const [longestText, longestSecret, mostWebhooks] = [1000, 1000, 100];

/** MLflow's webhooks. Their secrets are sealed and shown to nobody; those of MLflow's own server come back from no request either. */
export function webhookEndpoints(services: Pick<PlaneServices, 'deliveries' | 'secrets' | 'clock'>): Endpoints {
  const secretIn = (fields: Fields, workspace: string, id: string) => {
    const secret = fields.optionalText('secret');
    if (secret !== undefined && secret.length > longestSecret)
      throw invalid(`The secret of a webhook has ${longestSecret} characters at most.`);
    return secret === undefined || secret === '' ? undefined : services.secrets.seal(secret, sealedAt(workspace, 'webhook', id, 'secret'));
  };
  return {
    'POST webhooks': async (fields, { store, workspace }) => {
      const id = randomUUID();
      const [name, url, events] = [nameIn(fields), fields.text('url'), eventsIn(fields)];
      if (!events) throw missing('events');
      const [status, secret, description] = [statusIn(fields) ?? 'ACTIVE', secretIn(fields, workspace, id), descriptionIn(fields)];
      await checkReceiver(url, services.deliveries.places);
      const now = services.clock.now();
      const body: Webhook = {
        name: name ?? fields.text('name'),
        url,
        ...(description ? { description } : {}),
        events,
        status,
        ...(secret === undefined ? {} : { secret }),
        updatedAt: now,
        standing: {},
      };
      const made: Kept = { kind: 'webhook', id, scope: '', at: now, body };
      await store.write(async ({ entities }) => {
        if ((await entities.count('webhook', '')) >= mostWebhooks)
          throw new UserError(
            'Conflict',
            `The workspace has ${mostWebhooks} webhooks, which is the most.`,
            'Delete one that is not needed.',
          );
        await entities.put(made);
      });
      return { webhook: shown(made) };
    },
    'GET webhooks': async (fields, { store }) => {
      const { items, next } = await pageOf(fields, (offset, limit) => store.entities.list('webhook', undefined, offset, limit), 100, 1000);
      return { webhooks: items.flatMap((each) => (isKept(each) ? [shown(each)] : [])), ...next };
    },
    'GET webhooks/{webhook_id}': async (fields, { store }) => ({ webhook: shown(await webhookIn(store.entities, fields)) }),
    'PATCH webhooks/{webhook_id}': async (fields, { store, workspace }) => {
      const [name, url, events, status] = [nameIn(fields), fields.optionalText('url') || undefined, eventsIn(fields), statusIn(fields)];
      const [description, secret] = [descriptionIn(fields), secretIn(fields, workspace, fields.text('webhook_id'))];
      if (url !== undefined) await checkReceiver(url, services.deliveries.places);
      return store.write(async ({ entities }) => {
        const found = await webhookIn(entities, fields);
        const { secret: oldSecret, description: oldDescription, ...before } = found.body;
        const newSecret = fields.has('secret') ? secret : oldSecret;
        const newDescription = fields.has('description') ? description : oldDescription;
        const changed: Kept = {
          ...found,
          body: {
            ...before,
            ...(name === undefined ? {} : { name }),
            ...(url === undefined ? {} : { url }),
            ...(events ? { events } : {}),
            ...(status === undefined ? {} : { status }),
            ...(newSecret === undefined ? {} : { secret: newSecret }),
            ...(newDescription ? { description: newDescription } : {}),
            updatedAt: Math.max(services.clock.now(), before.updatedAt + 1),
            // It begins anew with another address, or when it is turned on.
            standing: url !== undefined || status === 'ACTIVE' ? {} : before.standing,
          },
        };
        await entities.put(changed);
        if (status === 'DISABLED') await entities.deleteAll('pendingDelivery', found.id);
        return { webhook: shown(changed) };
      });
    },
    'DELETE webhooks/{webhook_id}': (fields, { store }) =>
      store.write(async ({ entities }) => {
        const { id } = await webhookIn(entities, fields);
        for (const kind of ['pendingDelivery', 'delivery'] as const) await entities.deleteAll(kind, id);
        await entities.delete('webhook', id);
        return {};
      }),
    'POST webhooks/{webhook_id}/test': async (fields, { store, workspace }) => {
      const found = await webhookIn(store.entities, fields);
      const asked = fields.object('event');
      const event = asked ? eventOf(asked.all) : found.body.events[0]!;
      const pending = { id: randomUUID(), event, resource: '', data: exampleOf(event), occurredAt: services.clock.now(), attempts: 0 };
      const outcome = await services.deliveries.sender.send(
        { kind: 'webhook', entity: found, body: found.body },
        pending,
        workspace,
        new AbortController().signal,
      );
      return {
        result: {
          success: outcome.isDelivered,
          ...(outcome.status === undefined ? {} : { response_status: outcome.status }),
          ...(outcome.text ? { response_body: outcome.text } : {}),
          ...(outcome.isDelivered ? {} : { error_message: outcome.error }),
        },
      };
    },
  };
}

const isKept = (entity: StoredEntity): entity is Kept => subscriptionOf(entity)?.kind === 'webhook';

async function webhookIn(entities: EntityReader, fields: Fields): Promise<Kept> {
  const id = fields.text('webhook_id');
  const found = await entities.get('webhook', id);
  if (!found || !isKept(found)) throw new UserError('NotFound', `Webhook with ID ${id.slice(0, 100)} not found.`);
  return found;
}

function nameIn(fields: Fields): string | undefined {
  const name = fields.optionalText('name') || undefined;
  if (name !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name))
    throw invalid(
      `Webhook name '${name.slice(0, 100)}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
    );
  return name;
}

function descriptionIn(fields: Fields): string | undefined {
  const description = fields.optionalText('description');
  if (description !== undefined && description.length > longestText)
    throw invalid(`The description of a webhook has ${longestText} characters at most.`);
  return description;
}

function statusIn(fields: Fields): Webhook['status'] | undefined {
  const status = fields.optionalText('status') || undefined;
  const found = webhookStatuses.find((each) => each === status?.toUpperCase());
  if (status !== undefined && !found)
    throw invalid(`Invalid webhook status: ${status.slice(0, 100)}. It is one of ${webhookStatuses.join(', ')}.`);
  return found;
}

function eventsIn(fields: Fields): WebhookEvent[] | undefined {
  const events = fields.objects<{ entity: string; action: string }>('events').map(eventOf);
  return events.length > 0 ? [...new Set(events)] : undefined;
}

/** The wire has the names of MLflow's enumerations: `MODEL_VERSION` and `CREATED`. */
function eventOf({ entity, action }: Record<string, unknown>): WebhookEvent {
  const event = `${String(entity).toLowerCase()}.${String(action).toLowerCase()}`;
  if (event === 'budget_policy.exceeded')
    throw new UserError('NotImplemented', 'This control plane has no budgets, so budget_policy.exceeded never happens.', 'Leave it out.');
  const found = webhookEvents.find((each) => each === event);
  if (!found) throw invalid(`Invalid webhook event '${event.slice(0, 100)}'. The events are: ${webhookEvents.join(', ')}.`);
  return found;
}

function shown({ id, at, body: { name, url, description, events, status, updatedAt } }: Kept): Record<string, unknown> {
  return {
    webhook_id: id,
    name,
    url,
    ...(description ? { description } : {}),
    events: events.map((event) => {
      const [entity, action] = event.split('.');
      return { entity: entity!.toUpperCase(), action: action!.toUpperCase() };
    }),
    status,
    creation_timestamp: at,
    last_updated_timestamp: updatedAt,
  };
}
