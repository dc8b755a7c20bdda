import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool } from './runTool.ts';
import { filesFolder } from './virtualEnvironment.ts';

/** A Python that jobs share, and that none of them may change. */
export interface SharedPython {
  /** The interpreter itself, outside of any virtual environment. */
  executable: string;
  /** `3.11` */
  version: string;
  /** Folders of its packages, in the order in which it looks through them. */
  sites: string[];
  /** The folder of its packages' programs, where that is not on the PATH. */
  bin: string | undefined;
  /** Whether it has pip. */
  hasPip: boolean;
  /** Files that its packages keep beside their code, where Python calls that `sys.prefix`: by path relative to it. */
  data: Record<string, string>;
}

/** What of a virtual environment is not its packages' data. */
const ownParts = new Set(['bin', 'lib', 'lib64', 'include', 'Include', 'Lib', 'Scripts', 'pyvenv.cfg', filesFolder]);

const environments = new Map<string, SharedPython>();

/** The Python of a virtual environment of ours. */
export function pythonOfEnvironment(folder: string): SharedPython {
  let python = environments.get(folder);
  if (!python) {
    const lib = path.join(folder, 'lib');
    const name = readdirSync(lib).find((each) => /^python\d/.test(each))!;
    const data: Record<string, string> = {};
    for (const part of readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory() && !ownParts.has(each.name)))
      for (const each of readdirSync(path.join(folder, part.name), { recursive: true, withFileTypes: true }))
        if (each.isFile()) {
          const file = path.join(each.parentPath, each.name);
          data[path.relative(folder, file)] = file;
        }
    python = {
      executable: realpathSync(path.join(folder, 'bin', 'python')),
      version: name.slice('python'.length),
      sites: [path.join(lib, name, 'site-packages')],
      bin: path.join(folder, 'bin'),
      hasPip: false,
      data,
    };
    environments.set(folder, python);
  }
  return python;
}

const machines = new Map<string, Promise<SharedPython | undefined>>();

/** The Python that comes first on the PATH of the machine's own programs; undefined where there is none. Asked once. */
export function pythonOfMachine(environment: Record<string, string>): Promise<SharedPython | undefined> {
  const key = JSON.stringify([environment.PATH, environment.HOME, environment.PYENV_ROOT, environment.PYENV_VERSION]);
  let python = machines.get(key);
  if (!python) {
    python = askPython(environment);
    machines.set(key, python);
  }
  return python;
}

const question = `
import importlib.util, json, sys
print(json.dumps({
    "executable": getattr(sys, "_base_executable", sys.executable),
    "version": "%d.%d" % sys.version_info[:2],
    "sites": [each for each in sys.path if each.replace("\\\\", "/").rstrip("/").endswith(("site-packages", "dist-packages"))],
    "hasPip": importlib.util.find_spec("pip") is not None,
}))
`;

async function askPython({ PYTHONPATH: _added, ...environment }: Record<string, string>): Promise<SharedPython | undefined> {
  for (const name of ['python3', 'python']) {
    const { code, output } = await runTool(name, ['-c', question], { environment });
    if (code !== 0) continue;
    try {
      const python = { bin: undefined, data: {}, ...JSON.parse(output.trim().split('\n').at(-1)!) } as SharedPython;
      if (existsSync(python.executable) && Number(python.version.split('.')[0]) >= 3) return python;
    } catch {
      // No answer to the question: a program of that name that is something else.
    }
  }
  return undefined;
}

/**
 * Makes a job's own layer on a shared Python: a virtual environment without packages that sees all of those below it. What the job installs, upgrades or installs "for the
 * user" goes there, whichever way it calls pip, and ends with the job. It costs a handful of small files. Answers its folder.
 */
export function layJobPython(python: SharedPython, folder: string): string {
  const bin = path.join(folder, 'bin');
  const site = path.join(folder, 'lib', `python${python.version}`, 'site-packages');
  mkdirSync(bin, { recursive: true });
  mkdirSync(site, { recursive: true });
  // Python takes everything but "true" for no; pip takes everything but "false" for yes, so that it does not refuse `--user`.
  writeFileSync(
    path.join(folder, 'pyvenv.cfg'),
    `home = ${path.dirname(python.executable)}\ninclude-system-site-packages = False\nversion = ${python.version}\n`,
  );
  const adds = python.sites.map((each) => `site.addsitedir(${JSON.stringify(each)})`);
  writeFileSync(
    path.join(site, 'updraft-shared.pth'),
    `import os, site, sys; os.environ["PYTHONUSERBASE"] = sys.prefix; site.ENABLE_USER_SITE = True; ${adds.join('; ')}\n`,
  );
  if (!isMac) symlinkSync('lib', path.join(folder, 'lib64'));
  symlinkSync(python.executable, path.join(bin, 'python'));
  for (const name of ['python3', `python${python.version}`]) symlinkSync('python', path.join(bin, name));
  if (python.hasPip)
    for (const name of ['pip', 'pip3', `pip${python.version}`])
      writeFileSync(path.join(bin, name), '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n', { mode: 0o755 });
  for (const [name, file] of Object.entries(python.data)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    symlinkSync(file, path.join(folder, name));
  }
  return folder;
}

const isMac = process.platform === 'darwin';

/** Variables of a person's shell that would lead pip elsewhere than to the environment in which it runs. */
const leadsElsewhere = [
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_USER',
  'PIP_PYTHON',
  'PYTHONHOME',
  'PYTHONUSERBASE',
  'UV_SYSTEM_PYTHON',
  'UV_TARGET',
];

/** The variables with which a job's command starts, so that no pip changes a Python of this machine's user: one that is in no virtual environment refuses. */
export function guarded(environment: Record<string, string>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !leadsElsewhere.includes(name));
  return { ...Object.fromEntries(kept), PIP_REQUIRE_VIRTUALENV: '1' };
}
