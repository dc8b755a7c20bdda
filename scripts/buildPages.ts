import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, context } from 'esbuild';
import { type InputOptions, type OutputChunk, type OutputOptions, type Plugin, rolldown, watch } from 'rolldown';
import type { StudioFiles } from '../src/protocol/studioFiles.ts';

/** What was written, relative to the repository, and the files it was made from. */
export interface BuiltPages {
  outputs: string[];
  inputs: string[];
}

/** The package makes a WebAssembly module when it is loaded, which a page may not do. Of what it has only the functions that are used are wanted. */
const compressorsOnDemand: Plugin = {
  name: 'compressors on demand',
  async resolveId(name, importer, { kind }) {
    if (name !== 'hyparquet-compressors' && !(name === './compressors.js' && importer?.includes('hyparquet-compressors'))) return null;
    const found = await this.resolve(name, importer, { kind, skipSelf: true });
    return found && { ...found, moduleSideEffects: false };
  },
};

/**
 * Bundles the pages of `webview/` into `dist/webview/`: `NAME.js` and `NAME.css` of each. Code that a page loads only when it is needed becomes files of its own.
 * Each page is bundled alone: files that pages share would be many small ones, and in an editor each takes a way of its own. A page loads the style sheet of its
 * `main.css` alone.
 */
export async function buildPages(root: string, isWatched: boolean): Promise<BuiltPages> {
  const at = (...parts: string[]) => path.join(root, ...parts);
  const pages = ['job', 'selectedJob', 'runs', 'graph', 'playground', 'models', 'finetuning', 'endpoint', 'studio'].filter((page) =>
    existsSync(at('webview', page, 'main.tsx')),
  );
  const input = (page: string): InputOptions => ({
    cwd: root,
    input: { [page]: at('webview', page, 'main.tsx') },
    platform: 'browser',
    plugins: [compressorsOnDemand],
    // The pages are written for React and run on Preact, which is a tenth as large. So do the libraries that they use.
    resolve: {
      alias: {
        'react/jsx-runtime': 'preact/jsx-runtime',
        'react-dom/client': 'preact/compat/client',
        'react-dom': 'preact/compat',
        react: 'preact/compat',
      },
    },
    transform: {
      target: 'es2022',
      jsx: { runtime: 'automatic' },
      define: { 'process.env.NODE_ENV': isWatched ? '"development"' : '"production"' },
    },
    // A mark of libraries for servers that render React, of which there is none here.
    checks: { moduleLevelDirective: false },
    logLevel: 'warn',
  });
  const output: OutputOptions = {
    dir: at('dist/webview'),
    format: 'esm',
    // A browser keeps what has a hash in its name.
    entryFileNames: ({ name }) => (name === 'studio' && !isWatched ? 'part-[name]-[hash].js' : '[name].js'),
    chunkFileNames: 'part-[name]-[hash].js',
    minify: !isWatched,
    sourcemap: isWatched,
    comments: { legal: false },
  };
  const styles: BuildOptions = {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(pages.map((page) => [page, at('webview', page, 'main.css')])),
    outdir: at('dist/webview'),
    bundle: true,
    minify: !isWatched,
    metafile: true,
    logLevel: isWatched ? 'info' : 'warning',
    // The font of VS Code's icons, beside the style sheet that names it.
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  };
  const list = at('dist/webview/studio.json');
  if (isWatched) {
    await rm(list, { force: true });
    for (const page of pages) watch({ ...input(page), output });
    await (await context(styles)).watch();
    return { outputs: [], inputs: [] };
  }
  const bundled = pages.map(async (page) => {
    const bundle = await rolldown(input(page));
    const { output: files } = await bundle.write(output);
    await bundle.close();
    return files;
  });
  const [sheets, ...scripts] = await Promise.all([build(styles), ...bundled]);
  await writeFile(list, JSON.stringify(studioFiles(scripts[pages.indexOf('studio')]!, await readFile(at('dist/webview/studio.css')))));
  const relative = (file: string) => path.relative(root, file).split(path.sep).join('/');
  return {
    outputs: [...scripts.flat().map(({ fileName }) => `dist/webview/${fileName}`), ...Object.keys(sheets.metafile!.outputs)],
    inputs: [
      ...scripts.flat().flatMap((each) => (each.type === 'chunk' ? each.moduleIds.map(relative) : [])),
      ...Object.keys(sheets.metafile!.inputs),
    ],
  };
}

/** What a browser that opens a page of the Studio is told to load at once, instead of finding it script by script. */
function studioFiles(files: readonly { type: string }[], style: Buffer): StudioFiles {
  const chunks = new Map(files.filter((each): each is OutputChunk => each.type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const withImports = (name: string, found = new Set<string>()): Set<string> => {
    if (found.has(name)) return found;
    found.add(name);
    for (const each of chunks.get(name)?.imports ?? []) withImports(each, found);
    return found;
  };
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)!;
  return {
    script: entry.fileName,
    style: `studio.css?${createHash('sha256').update(style).digest('hex').slice(0, 16)}`,
    parts: Object.fromEntries(
      ['', ...entry.dynamicImports].map((part) => [
        chunks.get(part)?.name ?? '',
        [...withImports(part || entry.fileName)].filter((name) => name !== entry.fileName),
      ]),
    ),
  };
}
