import { randomUUID } from 'node:crypto';
import { UserError } from '../../../../base/userError.ts';
import type { EntityKind, EntityReader, EntityWriter, StoredEntity } from '../../../../store/entities.ts';
import type { Fields } from '../request.ts';

/** A resource of the gateway: when and by whom it was made and changed last, ms since 1970. */
interface Resource {
  created_at: number;
  last_updated_at: number;
  created_by?: string;
  last_updated_by?: string;
}

export type GatewayKind = Extract<EntityKind, `gateway${string}`>;

/** MLflow's words: a resource in its messages, and the first letter of its ids. */
const words: Record<GatewayKind, [name: string, shown: string, letter: string]> = {
  gatewaySecret: ['GatewaySecret', 'Secret', 's'],
  gatewayModel: ['GatewayModelDefinition', 'Model definition', 'd'],
  gatewayEndpoint: ['GatewayEndpoint', 'Endpoint', 'e'],
  gatewayBinding: ['GatewayEndpointBinding', 'Binding', 'b'],
};

export const newId = (letter: string): string => `${letter}-${randomUUID().replaceAll('-', '')}`;

/** Of one kind, the oldest first. */
export const gatewayResources = async (reader: EntityReader, kind: GatewayKind, scope?: string): Promise<StoredEntity[]> =>
  (await reader.list(kind, scope)).reverse();

/** By id; throws `NotFound`. `field` is what the id is called. */
export async function resourceById(reader: EntityReader, kind: GatewayKind, field: string, id: string): Promise<StoredEntity> {
  const found = await reader.get(kind, id);
  if (!found) throw new UserError('NotFound', `${words[kind][0]} not found (${field}='${id}')`);
  return found;
}

/** By its id or by its name, of which exactly one must be there. */
export async function resourceIn(
  reader: EntityReader,
  kind: GatewayKind,
  fields: Fields,
  idField: string,
  nameField: string,
): Promise<StoredEntity> {
  const [id, name] = [fields.optionalText(idField) || undefined, fields.optionalText(nameField) || undefined];
  if ((id === undefined) === (name === undefined))
    throw new UserError('InvalidRequest', `Exactly one of ${idField} or ${nameField} must be provided`);
  if (id !== undefined) return resourceById(reader, kind, idField, id);
  const found = (await gatewayResources(reader, kind)).find(({ body }) => body.name === name);
  if (!found) throw new UserError('NotFound', `${words[kind][0]} not found (${nameField}='${name}')`);
  return found;
}

/** Throws `Conflict` when another resource of the kind has the name. */
export async function checkFree(reader: EntityReader, kind: GatewayKind, name: string, own?: string): Promise<void> {
  if ((await reader.list(kind)).some(({ id, body }) => body.name === name && id !== own))
    throw new UserError('Conflict', `${words[kind][1]} with name '${name}' already exists`);
}

/** Keeps a new resource. */
export async function create(
  writer: EntityWriter,
  kind: GatewayKind,
  fields: Fields,
  body: Record<string, unknown>,
  scope = '',
): Promise<StoredEntity> {
  const now = Date.now();
  const by = fields.optionalText('created_by') || undefined;
  const made: Resource = { created_at: now, last_updated_at: now, ...(by ? { created_by: by, last_updated_by: by } : {}) };
  const entity = { kind, id: newId(words[kind][2]), scope, at: now, body: { ...body, ...made } };
  await writer.put(entity);
  return entity;
}

/** Changes a resource; what is undefined stays. A change is later than what was before. */
export async function update(
  writer: EntityWriter,
  entity: StoredEntity,
  fields: Fields,
  changes: Record<string, unknown>,
): Promise<StoredEntity> {
  const by = fields.optionalText('updated_by') || undefined;
  const next = {
    ...entity,
    body: {
      ...entity.body,
      ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)),
      last_updated_at: Math.max(Date.now(), entity.body.last_updated_at + 1),
      ...(by ? { last_updated_by: by } : {}),
    },
  };
  await writer.put(next);
  return next;
}

/** Of a map of texts, as MLflow sends secrets and their settings. */
export function textMap(fields: Fields, name: string): Record<string, string> | undefined {
  const values = fields.object(name);
  if (!values) return undefined;
  return Object.fromEntries(Object.keys(values.all).map((key) => [key, values.optionalText(key) ?? '']));
}
