import { isBelow } from '../storedModels.ts';
import type { Hub } from './hub.ts';
import { parseHubAddress } from './hubSource.ts';

/** A GGUF model of a repository that has several, such as one for each quantization. */
export interface HubChoice {
  /** As it is asked for, at the commit that the hub has now. */
  model: string;
  /** Its file's name. */
  name: string;
  /** Of all its files, where the hub tells of each. */
  bytes?: number | undefined;
}

/** `-00001-of-00003`: a part of a model. */
const part = /-\d{5}-of-\d{5}(?=\.gguf$)/i;

/** The models among which someone who asks for a whole repository, `hf:ORG/REPO`, has to choose; none where the address says which one is meant. The smallest comes first. */
export async function hubChoices(text: string, hub: Hub, signal?: AbortSignal): Promise<HubChoice[]> {
  const { repository, file, revision = 'main' } = parseHubAddress(text.slice('hf:'.length));
  if (file !== undefined) return [];
  const { files, commit } = await hub.model(repository, revision, signal);
  const models = new Map<string, { name: string; bytes: number | undefined }>();
  for (const { name, bytes } of files) {
    if (!/\.gguf$/i.test(name) || !isBelow(name)) continue;
    const whole = name.replace(part, '');
    const before = models.get(whole);
    const sum = before ? (before.bytes === undefined || bytes === undefined ? undefined : before.bytes + bytes) : bytes;
    models.set(whole, { name: before?.name ?? name, bytes: sum });
  }
  if (models.size < 2) return [];
  return [...models.values()]
    .sort((a, b) => (a.bytes ?? Number.POSITIVE_INFINITY) - (b.bytes ?? Number.POSITIVE_INFINITY))
    .map(({ name, bytes }) => ({ model: `hf:${repository}/${name}@${commit}`, name, bytes }));
}
