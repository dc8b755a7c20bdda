import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A Python that jobs share, and that none of them may change. */
export interface SharedPython {
  /** The interpreter itself, outside of any virtual environment. */
  executable: string;
  /** `3.11` */
  version: string;
  /** Folders of its packages, in the order in which it looks through them. */
  sites: string[];
  /** Whether binary packages go to `lib64`. */
  hasLib64: boolean;
}

/** Of a virtual environment, what is not data of its packages. */
const ownParts = new Set(['bin', 'lib', 'lib64', 'include']);

/**
 * Writes to `folder` what lets jobs use a shared Python: `layer`, a virtual environment without packages that sees all of those below it, and `programs`, which make a job's own copy of it
 * when they are used first. What a job installs, upgrades or installs "for the user" goes to its copy, whichever way it calls pip, and ends with the job. A job without Python
 * pays nothing, any other one a copy of some small files.
 */
export function writeJobPython(folder: string, { executable, version, sites, hasLib64 }: SharedPython, data?: string): void {
  const layer = path.join(folder, 'layer');
  const names = ['python', 'python3', `python${version}`];
  const site = path.join(layer, 'lib', `python${version}`, 'site-packages');
  mkdirSync(path.join(layer, 'bin'), { recursive: true });
  mkdirSync(site, { recursive: true });
  // Python takes everything but "true" for no; pip takes everything but "false" for yes, so that it does not refuse `--user`.
  writeFileSync(
    path.join(layer, 'pyvenv.cfg'),
    `home = ${path.dirname(executable)}\ninclude-system-site-packages = False\nversion = ${version}\n`,
  );
  const user = 'os.environ["PYTHONUSERBASE"] = sys.prefix; site.ENABLE_USER_SITE = True';
  const adds = sites.map((each) => `site.addsitedir(${JSON.stringify(each)})`);
  writeFileSync(path.join(site, 'updraft-shared.pth'), `import os, site, sys; ${[user, ...adds].join('; ')}\n`);
  if (hasLib64) symlinkSync('lib', path.join(layer, 'lib64'));
  for (const name of names) symlinkSync(name === 'python' ? executable : 'python', path.join(layer, 'bin', name));
  if (data !== undefined) linkData(data, layer);
  mkdirSync(path.join(folder, 'programs'));
  for (const name of names) writeFileSync(path.join(folder, 'programs', name), program, { mode: 0o755 });
}

/** Of several processes of a job that come first, one makes the layer, and the others take it. */
const program = `#!/bin/sh
: "\${UPDRAFT_PYTHON:=\${TMPDIR:-/tmp}/updraft-python-$$}"
if ! [ -e "$UPDRAFT_PYTHON/bin/python" ]; then
  copy=$UPDRAFT_PYTHON.$$
  cp -RP "\${0%/*}/../layer" "$copy" || exit
  ln -s -n "\${copy##*/}" "$UPDRAFT_PYTHON" 2>/dev/null || rm -rf "$copy"
fi
exec "$UPDRAFT_PYTHON/bin/\${0##*/}" "$@"
`;

/** Packages look for files beside their code below `sys.prefix`: there they find links to those of the shared environment, in folders of their own. */
function linkData(environment: string, layer: string): void {
  for (const part of readdirSync(environment, { withFileTypes: true })) {
    if (!part.isDirectory() || ownParts.has(part.name) || part.name.startsWith('updraft-')) continue;
    for (const each of readdirSync(path.join(environment, part.name), { recursive: true, withFileTypes: true })) {
      if (each.isDirectory()) continue;
      const file = path.join(each.parentPath, each.name);
      const link = path.join(layer, path.relative(environment, file));
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(file, link);
    }
  }
}

/** Where in a virtual environment of ours the programs for jobs lie. */
const inEnvironment = 'updraft-job';

/** Gets a virtual environment that is complete ready for jobs. */
export function shareEnvironment(environment: string): void {
  const lib = path.join(environment, 'lib');
  const name = existsSync(lib) ? readdirSync(lib).find((each) => /^python\d/.test(each)) : undefined;
  if (name === undefined) return;
  const python: SharedPython = {
    executable: realpathSync(path.join(environment, 'bin', 'python')),
    version: name.slice('python'.length),
    sites: [path.join(lib, name, 'site-packages')],
    hasLib64: existsSync(path.join(environment, 'lib64')),
  };
  writeJobPython(path.join(environment, inEnvironment), python, environment);
}

/** Where a job's command finds its Python. */
export interface JobsPrograms {
  variables: Record<string, string>;
  /** Folders that come before all others on the command's PATH, whatever that is. */
  first: string[];
}

/** How a job whose layer goes to `layer` finds the Python of an environment of ours. */
export const programsOfEnvironment = (environment: string, layer: string): JobsPrograms =>
  programsIn(path.join(environment, inEnvironment), layer, path.join(environment, 'bin'));

/** The same of what `writeJobPython` wrote to a folder; `bin` is where further programs lie. */
export const programsIn = (folder: string, layer: string, bin?: string): JobsPrograms => ({
  variables: { VIRTUAL_ENV: layer, UPDRAFT_PYTHON: layer },
  first: [path.join(layer, 'bin'), path.join(folder, 'programs'), ...(bin === undefined ? [] : [bin])],
});
