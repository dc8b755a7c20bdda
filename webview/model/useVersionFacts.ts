import { type ModelVersion, runOf } from '../../src/protocol/asset.ts';
import { type Live, useLive } from '../shared/live/useLive.ts';
import { readVersionFacts, type VersionFacts } from './versionFacts.ts';

/** The facts of a version; live. */
export function useVersionFacts(name: string, version: ModelVersion): Live<VersionFacts> {
  const run = runOf(version);
  return useLive(
    `facts of ${name}:${version.name}`,
    (client) => readVersionFacts(client, name, version),
    ({ kind, id }) => kind === 'loggedModel' || ((kind === 'job' || kind === 'metric' || kind === 'artifact') && id === run),
    1000,
  );
}
