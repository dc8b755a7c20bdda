import type { SystemData } from '../../protocol/arm.ts';

/** Parts of what `az ml` prints, made of ARM's resources. */
export type Fields = Record<string, any>;

/** A resource as ARM sends it. */
export interface ArmResource {
  id: string;
  name: string;
  properties: Fields;
  systemData?: SystemData;
  location?: string;
  tags?: Fields;
  identity?: Fields;
  sku?: Fields;
}

export const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');

/** A word of ARM's in the words of the YAML: `LowPriority` is `low_priority`. */
export const word = (arm: unknown): string | undefined => (arm === undefined || arm === null ? undefined : snake(String(arm)));

/** A value with the keys of its maps in snake_case, to the bottom. */
export function snakeKeys(value: unknown): any {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [snake(key), snakeKeys(each)]));
}

/** The fields that have a value. */
export const filled = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined && each !== null));

/** A map that has something in it. */
export const some = (value: Fields | undefined | null): Fields | undefined => (value && Object.keys(value).length ? value : undefined);

/** Who made a resource and when: times as Python writes them. */
export const creationContext = (data: SystemData | undefined): Fields | undefined =>
  data &&
  filled({
    created_at: time(data.createdAt),
    created_by: data.createdBy,
    created_by_type: data.createdByType,
    last_modified_at: time(data.lastModifiedAt),
    last_modified_by: data.lastModifiedBy,
  });

/** `2026-01-31T14:05:09.012000+00:00` of ARM's `2026-01-31T14:05:09.0120000Z`. */
const time = (arm: string): string => `${arm.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${digits.padEnd(6, '0').slice(0, 6)}`)}+00:00`;

/** Seconds of an ISO 8601 duration: `PT1H30S` is 3630. Undefined for none. */
export function seconds(duration: unknown): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(String(duration ?? ''));
  if (!match) return undefined;
  const [, days = 0, hours = 0, minutes = 0, rest = 0] = match;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

/** An ARM id as a file writes it; what is none, as it is. */
export const reference = (id: string | undefined | null): string | undefined =>
  id === undefined || id === null ? undefined : id.startsWith('/') ? `azureml:${id}` : id;

/** `azureml:NAME:VERSION`, or `azureml:NAME` of what has no versions, of an ARM id. */
export function shortReference(id: string | undefined | null): string | undefined {
  if (id === undefined || id === null) return undefined;
  const versioned = /\/([^/]+)\/versions\/([^/]+)$/.exec(id);
  if (versioned) return `azureml:${decodeURIComponent(versioned[1]!)}:${decodeURIComponent(versioned[2]!)}`;
  const name = /^\/subscriptions\/.*\/([^/]+)$/.exec(id)?.[1];
  return name ? `azureml:${decodeURIComponent(name)}` : id.startsWith('azureml:') || id.includes('/') ? id : `azureml:${id}`;
}

/** The name and version at the end of an asset's id. */
export function assetName(id: string): { name: string; version: string } {
  const [, name = '', version = ''] = /\/([^/]+)\/versions\/([^/]+)$/.exec(id) ?? [];
  return { name: decodeURIComponent(name), version: decodeURIComponent(version) };
}
