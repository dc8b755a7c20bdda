import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sha256Of } from '../../files/hash.ts';
import { type JobsPrograms, programsIn, type SharedPython, writeJobPython } from './jobPython.ts';
import { runTool } from './runTool.ts';

/** The folder of a machine's Python for jobs, by what it depends on; undefined where there is no Python. */
const machines = new Map<string, Promise<string | undefined>>();

/**
 * How a job without an environment of its own finds the Python that comes first on the machine's PATH, with the packages that it has there. Undefined where there is none. It is asked once.
 * `folder` is the runner's.
 */
export async function programsOfMachine(
  environment: Record<string, string>,
  folder: string,
  layer: string,
): Promise<JobsPrograms | undefined> {
  const key = JSON.stringify([folder, environment.PATH, environment.HOME, environment.PYENV_ROOT, environment.PYENV_VERSION]);
  let python = machines.get(key);
  if (!python) {
    python = prepare(environment, folder);
    machines.set(key, python);
  }
  const found = await python;
  return found === undefined ? undefined : programsIn(found, layer);
}

const question = `
import importlib.util, json, os, sys
print(json.dumps({
    "executable": sys.executable if sys.prefix == sys.base_prefix else os.path.realpath(sys.executable),
    "version": "%d.%d" % sys.version_info[:2],
    "sites": [each for each in sys.path if each.rstrip("/").endswith(("site-packages", "dist-packages"))],
    "hasLib64": getattr(sys, "platlibdir", "lib") == "lib64",
    "hasPip": importlib.util.find_spec("pip") is not None,
}))
`;

async function prepare({ PYTHONPATH: _added, ...environment }: Record<string, string>, folder: string): Promise<string | undefined> {
  for (const name of ['python3', 'python']) {
    const { code, output } = await runTool(name, ['-c', question], { environment });
    const answer = code === 0 ? answerIn(output) : undefined;
    if (!answer || !existsSync(answer.executable)) continue;
    const target = path.join(folder, 'tools', `python-${sha256Of(JSON.stringify(answer)).slice(0, 12)}`);
    if (existsSync(target)) return target;
    const unfinished = `${target}-${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    writeJobPython(unfinished, answer);
    if (answer.hasPip)
      for (const pip of ['pip', 'pip3', `pip${answer.version}`])
        writeFileSync(path.join(unfinished, 'programs', pip), '#!/bin/sh\nexec python -m pip "$@"\n', { mode: 0o755 });
    renameSync(unfinished, target);
    return target;
  }
  return undefined;
}

function answerIn(output: string): (SharedPython & { hasPip: boolean }) | undefined {
  try {
    const answer = JSON.parse(output.trim().split('\n').at(-1)!);
    return answer.version.startsWith('3.') ? answer : undefined;
  } catch {
    // A program of that name that is something else.
    return undefined;
  }
}
