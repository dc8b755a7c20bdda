import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packagesFileOf } from './installedPackages.ts';
import { programOfEnvironment, programOfMachine, programOfPip } from './layerScript.ts';

/**
 * How a job's command finds its Python. Several jobs share one Python. Each has a virtual environment of its own above it, its layer: whatever the command installs or upgrades goes there, however it calls pip,
 * and is deleted with the job.
 * The layer is made when the command starts Python first, so that a job without Python pays nothing.
 */
export interface JobsPrograms {
  variables: Record<string, string>;
  /** Folders that come before all others on the command's PATH, whatever that is. */
  first: string[];
  /** The file that says which packages are installed, where that is known. */
  packagesFile?: string | undefined;
}

/** Where in a virtual environment of ours lies what jobs need: a layer to copy, and programs. */
const inEnvironment = 'updraft-job';
export const layerOf = (environment: string): string => path.join(environment, inEnvironment, 'layer');

/** Gets a virtual environment ready for jobs, when its packages and the layer are there. */
export function writeProgramsOf(environment: string): void {
  const programs = path.join(environment, inEnvironment, 'programs');
  mkdirSync(programs, { recursive: true });
  const bin = path.join(layerOf(environment), 'bin');
  for (const name of existsSync(bin) ? readdirSync(bin) : [])
    writeFileSync(path.join(programs, name), programOfEnvironment, { mode: 0o755 });
}

/** The programs of a job over a virtual environment of ours. Its layer goes to `layer`. */
export const programsOfEnvironment = (environment: string, layer: string): JobsPrograms => ({
  variables: { VIRTUAL_ENV: layer, UPDRAFT_PYTHON: layer },
  first: [path.join(layer, 'bin'), path.join(environment, inEnvironment, 'programs'), path.join(environment, 'bin')],
  packagesFile: packagesFileOf(environment),
});

/** The programs of a job over the machine's own Python. They lie in `folder`, as the job sees it. */
export const programsOfMachine = (folder: string, layer: string): JobsPrograms => ({
  variables: { VIRTUAL_ENV: layer, UPDRAFT_PYTHON: layer },
  first: [path.join(layer, 'bin'), folder],
});

/** Writes the programs over a machine's own Python to a folder, unless they are there. */
export function writeProgramsOfMachine(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  for (const name of ['python', 'python3']) writeFileSync(path.join(folder, name), programOfMachine, { mode: 0o755 });
  for (const name of ['pip', 'pip3']) writeFileSync(path.join(folder, name), programOfPip, { mode: 0o755 });
}
