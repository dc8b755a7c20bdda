/** Bundles everything into `dist/`: the CLI with the control plane, the extension and the pages; writes the JSON Schemas and the reference pages. `--watch` rebuilds on change. */
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, context, type Plugin } from 'esbuild';
import { buildPages } from './buildPages.ts';
import { writeDocs } from './docs.ts';

const root = path.resolve(import.meta.dirname, '..');
const at = (...parts: string[]) => path.join(root, ...parts);
const watch = process.argv.includes('--watch');
const quiet = process.argv.includes('--quiet');

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: !watch,
  // Kept apart from the bundles, so that the VSIX can leave it out.
  sourcemap: watch ? 'linked' : false,
  logLevel: 'warning',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': watch ? '"development"' : '"production"' },
};

/** CommonJS packages inside an ES module still ask for `require`. */
const requireInModule =
  "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

/**
 * Built-in modules are had as `require` has them. An ES module's `import` reads every export of one to make its namespace, and `node:http` alone then loads all
 * of `fetch`: tens of milliseconds of every start.
 */
const builtinsWithoutNamespace: Plugin = {
  name: 'builtins without namespace',
  setup(builder) {
    const names = new Set(builtinModules);
    builder.onResolve({ filter: /^(?:node:)?[a-z0-9_/]+$/ }, ({ path: name }) =>
      name.startsWith('node:') || names.has(name) ? { path: name, namespace: 'builtin' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(name)})`,
    }));
  },
};

/** Of the manifest the program needs the version; the rest is what VS Code reads. */
const manifestWithVersion: Plugin = {
  name: 'manifest with version',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path: file }) => {
      if (file !== at('package.json')) return undefined;
      const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

const bundles: BuildOptions[] = [
  {
    ...common,
    entryPoints: { updraft: at('src/cli/main.ts') },
    outdir: at('dist'),
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // What a command needs alone is a file of its own: each starts without reading the others.
    splitting: true,
    chunkNames: 'updraft-[name]-[hash]',
    banner: { js: `#!/usr/bin/env node\n${requireInModule}` },
    plugins: [builtinsWithoutNamespace, manifestWithVersion],
  },
  {
    ...common,
    entryPoints: { inferenceWorker: at('src/inference/worker/main.ts'), inferenceServer: at('src/inference/server/main.ts') },
    outdir: at('dist'),
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
  },
  {
    // Copied to wherever a step of a fine-tuning job runs, and so one file.
    ...common,
    entryPoints: { steps: at('src/finetuning/main.ts') },
    outdir: at('dist', 'finetuning', 'pipeline', 'code'),
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
  },
  {
    ...common,
    entryPoints: { language: at('src/language/server.ts') },
    outdir: at('dist'),
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  },
  {
    ...common,
    entryPoints: { extension: at('src/extension/extension.ts') },
    outdir: at('dist'),
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What is imported by `await import()` becomes a file of its own, read when it is first used.
    splitting: true,
    chunkNames: 'extension-[name]-[hash]',
    banner: { js: requireInModule },
    external: ['vscode'],
  },
];

/** The licence text of every package whose code is in a bundle, as their licences ask for. `inputs` are paths relative to the repository. */
async function thirdPartyNotices(inputs: string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const notices = [...folders].sort().map(async (folder) => {
    const manifest = JSON.parse(await readFile(at(folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string };
    const file = (await readdir(at(folder))).find((name) => /^licen[cs]e/i.test(name));
    return `${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})\n\n${file ? await readFile(at(folder, file), 'utf8') : ''}`;
  });
  return (await Promise.all(notices)).join(`\n${'-'.repeat(80)}\n`);
}

await mkdir(at('dist'), { recursive: true });
// What the steps of a fine-tuning are beside their program: components, and Python.
await cp(at('src/finetuning/pipeline'), at('dist/finetuning/pipeline'), {
  recursive: true,
  filter: (file) => !file.endsWith('__pycache__'),
});
const present = bundles.filter((bundle) => Object.values(bundle.entryPoints as Record<string, string>).every((file) => existsSync(file)));

if (watch) {
  for (const options of present) await (await context({ ...options, logLevel: 'info' })).watch();
  await buildPages(root, true);
} else {
  const started = performance.now();
  // Nothing is removed first: a plane or a window that runs from dist/ keeps its files while they are replaced.
  await writeDocs(root);
  const [pages, ...results] = await Promise.all([
    buildPages(root, false),
    ...present.map((options) => build({ ...options, metafile: true })),
  ]);
  const made = new Set([...pages.outputs, ...results.flatMap((result) => Object.keys(result.metafile.outputs))]);
  for (const file of globSync(['dist/{extension,updraft}-*.mjs', 'dist/webview/part-*'], { cwd: root }))
    if (!made.has(file.replaceAll('\\', '/'))) await rm(at(file));
  await writeFile(
    at('dist/ThirdPartyNotices.txt'),
    await thirdPartyNotices([...pages.inputs, ...results.flatMap((result) => Object.keys(result.metafile.inputs))]),
  );
  if (!quiet) console.log(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}
