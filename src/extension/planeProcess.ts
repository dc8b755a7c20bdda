import path from 'node:path';
import { dataFolderOf } from '../plane/dataFolder.ts';
import { ensurePlane } from '../plane/ensurePlane.ts';
import type { PlaneLock } from '../protocol/plane.ts';

export interface PlaneSettings {
  /** Setting `updraft.dataFolder`; '' leaves it to `UPDRAFT_HOME` and the default. */
  dataFolder: string;
  /** Setting `updraft.parallelSteps`; 0 leaves it to the number of cores. */
  parallelSteps: number;
  /** Setting `updraft.device`; `auto` leaves it to `UPDRAFT_DEVICE` and the default. */
  device: string;
}

/** The data folder that a setting asks for. */
export const dataFolderOfThisMachine = (setting: string): string => (setting ? path.resolve(setting) : dataFolderOf(process.env));

/** Finds the plane of this machine or starts it on the editor's own Node. It outlives the window. */
export function planeOfThisMachine(
  extension: { extensionPath: string; packageJSON: { version: string } },
  settings: PlaneSettings,
  signal?: AbortSignal,
): Promise<PlaneLock> {
  const dataFolder = dataFolderOfThisMachine(settings.dataFolder);
  return ensurePlane({
    dataFolder,
    command: commandIn(extension.extensionPath),
    version: extension.packageJSON.version,
    options: [
      ...(settings.parallelSteps > 0 ? ['--max-parallel', String(settings.parallelSteps)] : []),
      ...(settings.device === 'auto' ? [] : ['--device', settings.device]),
    ],
    environment: ownEnvironment(),
    ...(signal ? { signal } : {}),
  });
}

/** The `updraft` command of this extension, on the editor's own Node. */
export interface OwnProgram {
  command: string[];
  environment: NodeJS.ProcessEnv;
}

/** For the data folder that the setting asks for, and the plane of this window: `shared`, or that of this machine, whatever plane the command line has signed in to. */
export const ownProgram = (
  extensionFolder: string,
  dataFolder: string,
  shared: { url: string; token: string } | undefined,
): OwnProgram => ({
  command: commandIn(extensionFolder),
  environment: {
    ...ownEnvironment(),
    UPDRAFT_HOME: dataFolderOfThisMachine(dataFolder),
    UPDRAFT_SERVER: shared?.url ?? 'local',
    ...(shared ? { MLFLOW_TRACKING_URI: shared.url, MLFLOW_TRACKING_TOKEN: shared.token } : {}),
  },
});

/** These variables and no others, for a process that begins with the editor's own: null takes one away. */
export const exactly = (variables: Record<string, string>): Record<string, string | null> => ({
  ...Object.fromEntries(Object.keys(process.env).map((key) => [key, null])),
  ...variables,
});

const commandIn = (extensionFolder: string): string[] => [process.execPath, path.join(extensionFolder, 'dist', 'updraft.mjs')];

const ownEnvironment = (): NodeJS.ProcessEnv => ({ ...withoutEditor(process.env), ELECTRON_RUN_AS_NODE: '1' });

/** Jobs inherit the plane's environment; what the editor put there for its own processes is none of their business. */
function withoutEditor(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !/^(VSCODE|ELECTRON|CHROME)_/.test(key)));
}
