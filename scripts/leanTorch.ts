import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findPython } from '../src/runner/environments/pythonInterpreter.ts';
import { cacheFolder } from './cacheFolder.ts';
import { findUv, inOneStep } from './pythonClients.ts';
import { runCommand } from './runCommand.ts';

/** NVIDIA's packages are 2 GB; this one is small, and torch asks it whether there is a GPU. */
const keptExtra = 'cudart';
const keptLibraries = /^lib(?:cudart|cuda)\.so/;

/**
 * Variables for a plane with which its runner makes environments with torch but without NVIDIA's libraries. PyPI's torch for Linux on x64 is linked with them and
 * can't be loaded without, also where it computes on the CPU alone. Stand-ins take their place, whose functions end the process.
 *
 * For tests alone: it saves them 2 GB of downloads and 4 GB of disk. It needs uv and a compiler, takes the GPU from torch, and holds for one version of
 * torch. On other systems, whose torch does without NVIDIA, and where a tool is missing there are no variables: the plain installation works there.
 */
export async function leanTorch(version = '2.15.0'): Promise<Record<string, string>> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return {};
  const python = (await findPython(undefined, process.env as Record<string, string>)).path;
  const uv = await findUv(python, console.error);
  if (!uv || !(await isThere('gcc')) || !(await isThere('readelf'))) return {};
  // Another way to make it is another folder.
  const recipe = createHash('sha256')
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 8);
  const folder = join(cacheFolder(), `lean-torch-${version}-${recipe}`);
  if (!existsSync(folder)) {
    console.error(`Stand-ins for the NVIDIA libraries of torch ${version}: making them ...`);
    await inOneStep(folder, (work) => make(work, version, uv, python));
  }
  const others = process.env.LD_LIBRARY_PATH;
  return {
    UV_OVERRIDE: join(folder, 'overrides.txt'),
    LD_LIBRARY_PATH: [join(folder, 'libraries'), ...(others ? [others] : [])].join(delimiter),
  };
}

const isThere = (program: string): Promise<boolean> =>
  runCommand(program, ['--version']).then(
    () => true,
    () => false,
  );

async function make(folder: string, version: string, uv: string, python: string): Promise<void> {
  const torch = join(folder, 'torch');
  const libraries = join(folder, 'libraries');
  await mkdir(libraries, { recursive: true });
  await runCommand(uv, ['pip', 'install', '--no-deps', '--python', python, '--target', torch, `torch==${version}`]);
  const about = (await readdir(torch)).find((name) => /^torch-.*\.dist-info$/.test(name))!;
  await writeFile(join(folder, 'overrides.txt'), overridesOf(await readFile(join(torch, about, 'METADATA'), 'utf8')));
  for (const [name, library] of await neededLibraries(join(torch, 'torch', 'lib'))) await compile(folder, libraries, name, library);
  await rm(torch, { recursive: true });
}

/** What uv is to take in place of torch's requirements: nothing, but for the kept part of CUDA. */
function overridesOf(metadata: string): string {
  const lines: string[] = [];
  for (const [, name, extras, wanted] of metadata.matchAll(
    /^Requires-Dist: ((?:nvidia|cuda)-[\w-]+|triton)(?:\[(.*?)\])?\s*([^;\s]*).*$/gm,
  )) {
    const kept = extras?.split(',').includes(keptExtra);
    lines.push(kept ? `${name}[${keptExtra}]${wanted}` : `${name} ; sys_platform == 'never'`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The functions that torch expects of a library, by the version that it expects them in; '' is none. */
type Library = Map<string, Set<string>>;

/** The absent libraries that those in the folder need, by file name. */
async function neededLibraries(folder: string): Promise<Map<string, Library>> {
  const names = (await readdir(folder)).filter((name) => /\.so(?:\.|$)/.test(name));
  const read = (name: string, what: string) => runCommand('readelf', ['--wide', what, join(folder, name)]);
  const files: { needed: string[]; versions: [library: string, version: string][]; symbols: LinkedSymbol[] }[] = [];
  for (const name of names)
    files.push({
      needed: [...(await read(name, '--dynamic')).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]!),
      versions: versionsIn(await read(name, '--version-info')),
      symbols: symbolsIn(await read(name, '--dyn-syms')),
    });

  const own = new Set(files.flatMap(({ symbols }) => symbols.filter(({ defined }) => defined).map(({ name }) => name)));
  const result = new Map<string, Library>();
  for (const { needed, versions, symbols } of files) {
    const absent = needed.filter((name) => /^lib(?:cu|nv|nccl)/.test(name) && !keptLibraries.test(name));
    const unversioned = absent.filter((name) => !versions.some(([library]) => library === name));
    const wanted = symbols.filter(({ defined }) => !defined);
    for (const library of absent) if (!result.has(library)) result.set(library, new Map());
    const add = (library: string, version: string, names: string[]) => {
      const functions = result.get(library)!;
      functions.set(version, new Set([...(functions.get(version) ?? []), ...names]));
    };
    for (const [library, version] of versions)
      if (absent.includes(library))
        add(
          library,
          version,
          wanted.filter((symbol) => symbol.version === version).map(({ name }) => name),
        );
    // Nothing tells which library a function without a version is of: each that has no versions gets it. Python's own functions are in the interpreter.
    const rest = wanted.filter(({ name, version }) => !version && !own.has(name) && !/^_?Py/.test(name)).map(({ name }) => name);
    for (const library of unversioned) add(library, '', rest);
  }
  return result;
}

interface LinkedSymbol {
  name: string;
  version: string | undefined;
  defined: boolean;
}

/** Functions and variables in readelf's table of symbols; those that may be absent (WEAK) are left out where they are. */
function symbolsIn(table: string): LinkedSymbol[] {
  const symbols: LinkedSymbol[] = [];
  for (const line of table.split('\n')) {
    const [number, , , , binding, , section, symbol] = line.trim().split(/\s+/);
    if (!symbol || !/^\d+:$/.test(number!)) continue;
    const defined = section !== 'UND';
    if (!defined && binding !== 'GLOBAL') continue;
    const [name, version] = symbol.split(/@+/);
    symbols.push({ name: name!, version, defined });
  }
  return symbols;
}

/** Which versions a file needs of which library. */
function versionsIn(text: string): [library: string, version: string][] {
  const pairs: [string, string][] = [];
  let library = '';
  for (const [, file, version] of text.matchAll(/File: (\S+)|Name: (\S+)\s+Flags/g)) {
    if (file) library = file;
    else if (library) pairs.push([library, version!]);
  }
  return pairs;
}

async function compile(folder: string, libraries: string, name: string, library: Library): Promise<void> {
  const source = join(folder, 'standIn.c');
  const script = join(folder, 'standIn.map');
  const functions = [...new Set([...library.values()].flatMap((names) => [...names]))];
  await writeFile(
    source,
    [
      '#include <stdio.h>',
      '#include <stdlib.h>',
      'static void refuse(const char *name) {',
      `  fprintf(stderr, "%s was called. ${name} is a stand-in here, for tests on the CPU alone.\\n", name);`,
      '  abort();',
      '}',
      ...functions.map((each) => `void ${each}(void) { refuse("${each}"); }`),
      '',
    ].join('\n'),
  );
  const versions = [...library].filter(([version]) => version);
  await writeFile(
    script,
    versions.map(([version, names]) => `${version} { global: ${[...names].map((each) => `${each}; `).join('')}};\n`).join(''),
  );
  const withVersions = versions.length > 0 ? [`-Wl,--version-script=${script}`] : [];
  await runCommand('gcc', [
    '-shared',
    '-fPIC',
    '-w',
    '-fno-builtin',
    '-s',
    `-Wl,-soname,${name}`,
    ...withVersions,
    '-o',
    join(libraries, name),
    source,
  ]);
  await rm(source);
  await rm(script);
}
