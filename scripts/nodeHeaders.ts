import { existsSync, realpathSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runNpm } from './npm.ts';

/** How npm finds what native modules are built with. */
export interface NodeHeaders {
  /** Options for npm; none when it knows a place itself. */
  options: string[];
  /** Whether libuv's headers are among them, beside those of Node-API. */
  withLibuv: boolean;
}

/**
 * Headers for native modules, so that none have to be downloaded from Node's own site: of a place that npm is told of (`nodedir`), of an installation of Node on
 * this machine, or of a package from npm, which goes to `work`. For modules that use Node-API alone: it is the same in all versions of Node.
 */
export async function nodeHeaders(work: string, programs: string[] = nodePrograms()): Promise<NodeHeaders> {
  const told = (await runNpm(['config', 'get', 'nodedir'], work)).trim();
  if (existsSync(told)) return { options: [], withLibuv: true };
  // An installation of Node has its headers beside its programs.
  const places = [
    ...programs.filter((program) => existsSync(program)).map((program) => dirname(dirname(realpathSync(program)))),
    '/usr',
    '/usr/local',
  ];
  const found = places.find((place) => ['node_api.h', 'common.gypi'].every((name) => existsSync(join(place, 'include', 'node', name))));
  return found
    ? { options: [`--nodedir=${found}`], withLibuv: true }
    : { options: [`--nodedir=${await headersFromNpm(work)}`], withLibuv: false };
}

const nodePrograms = (): string[] => [process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))];

/** Lays the headers of a package out as node-gyp looks for them. */
export async function headersFromNpm(work: string): Promise<string> {
  const root = join(work, 'node-headers');
  const include = join(root, 'include', 'node');
  await mkdir(include, { recursive: true });
  await writeFile(join(root, 'package.json'), JSON.stringify({ private: true }));
  try {
    await runNpm(['install', 'node-api-headers@1', '--ignore-scripts', '--no-audit', '--no-fund'], root);
  } catch {
    throw new Error(
      'Node\'s headers are not on this machine, and npm\'s package node-api-headers could not be got. Install the headers, and run "npm config set nodedir FOLDER" with the folder that has include/node.',
    );
  }
  await cp(join(root, 'node_modules', 'node-api-headers', 'include'), include, { recursive: true });
  // Settings of Node's own build, of which modules that use Node-API alone need none.
  await writeFile(join(include, 'common.gypi'), '{}\n');
  return root;
}
