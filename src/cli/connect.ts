import path from 'node:path';
import { PlaneClient } from '../client/planeClient.ts';
import { dataFolderOf } from '../plane/dataFolder.ts';
import { ensurePlane } from '../plane/ensurePlane.ts';
import type { PlaneLock } from '../protocol/plane.ts';
import { type Parsed, text } from './options.ts';
import { version } from './version.ts';

/** The data folder that a command works on: `--data`, `UPDRAFT_HOME`, `~/.updraft`. */
export const dataFolder = (parsed: Parsed): string => path.resolve(text(parsed, 'data') ?? dataFolderOf(process.env));

/** How this program is started again, for a plane of its own. */
export const ownCommand = (): string[] => [process.execPath, process.argv[1]!];

/** A client of the embedded plane, which is started when it is not up. */
export async function connect(parsed: Parsed): Promise<{ client: PlaneClient; lock: PlaneLock }> {
  const lock = await ensurePlane({ dataFolder: dataFolder(parsed), command: ownCommand(), version, environment: process.env });
  return { client: new PlaneClient(lock), lock };
}
