import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { BlobEntry } from '../../../src/protocol/asset.ts';
import { packagesFile } from '../../../src/protocol/jobPlaces.ts';
import { readUpTo } from '../../shared/files/readUpTo.ts';

/** What the environment of a job really had. */
export interface InstalledPackages {
  /** `3.11.7` */
  python: string | undefined;
  /** Versions by name, in the order of the names; for a package that came from elsewhere, from where. */
  packages: ReadonlyMap<string, string>;
  /** The requirements file, to install the same again. */
  text: string;
}

/** Bytes of a list of packages that are read. */
const mostBytes = 1_000_000;

/** The packages recorded with a job; undefined where none were. `entries` are the job's artifacts, where they are known already, by their paths. */
export async function readPackages(
  client: PlaneClient,
  job: string,
  entries?: readonly BlobEntry[],
): Promise<InstalledPackages | undefined> {
  const slash = packagesFile.lastIndexOf('/');
  const isThere = entries
    ? entries.some(({ path }) => path === packagesFile)
    : (await client.listArtifacts(job, packagesFile.slice(0, slash))).entries.some(({ path }) => path === packagesFile.slice(slash + 1));
  if (!isThere) return undefined;
  const { bytes } = await readUpTo(await client.readArtifact(job, packagesFile, { start: 0, end: mostBytes - 1 }), mostBytes);
  return packagesIn(new TextDecoder().decode(bytes));
}

/** Reads what `pip freeze` writes, after a line `# Python 3.11.7`. */
export function packagesIn(text: string): InstalledPackages {
  const packages: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name, version, source] = /^([A-Za-z0-9][\w.-]*)\s*(?:={2,3}\s*(\S+)|@\s*(\S.*))$/.exec(line) ?? [];
    if (name) packages.push([name.toLowerCase(), version ?? `from ${source}`]);
    else if (line.startsWith('-e ')) packages.push([line.slice(3).trim(), 'editable']);
  }
  return {
    python: /^# Python (\S+)/.exec(text)?.[1],
    packages: new Map(packages.sort(([a], [b]) => a.localeCompare(b))),
    text,
  };
}
