import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';

const root = path.resolve(import.meta.dirname, '..');

/** What each folder may import: ours by folder (`spec`), outside by package name; `node:` stands for every built-in. */
const rules: Record<string, { ours: string[]; outside: string[] }> = {
  'src/base': { ours: [], outside: [] },
  'src/protocol': { ours: ['src/base'], outside: ['typebox'] },
  'src/spec': { ours: ['src/base', 'src/protocol'], outside: ['yaml', 'typebox'] },
  'src/language': {
    ours: ['src/base', 'src/protocol', 'src/spec', 'src/client', 'src/plane', 'src/submit'],
    outside: ['node:', 'yaml', 'vscode-languageserver', 'vscode-languageserver-types'],
  },
  'src/client': { ours: ['src/base', 'src/protocol'], outside: [] },
  'src/access': { ours: ['src/base', 'src/protocol'], outside: [] },
  'src/failures': { ours: ['src/base', 'src/protocol'], outside: [] },
  'src/files': { ours: ['src/base'], outside: ['node:'] },
  'src/machine': { ours: ['src/base'], outside: ['node:'] },
  'src/catalog': { ours: ['src/base', 'src/protocol', 'src/files', 'src/transfer'], outside: ['node:'] },
  'src/inference': {
    ours: ['src/base', 'src/protocol', 'src/catalog', 'src/files', 'src/machine', 'src/transfer'],
    outside: ['node:', 'modern-tar'],
  },
  'src/finetuning': {
    ours: ['src/base', 'src/protocol', 'src/spec', 'src/catalog', 'src/files', 'src/inference', 'src/plane'],
    outside: ['node:'],
  },
  'src/transfer': { ours: ['src/base', 'src/protocol', 'src/client', 'src/files'], outside: ['node:'] },
  'src/store': { ours: ['src/base', 'src/protocol', 'src/files'], outside: ['node:', 'pg', 's3mini'] },
  'src/tuning': { ours: ['src/base', 'src/protocol', 'src/store'], outside: ['node:'] },
  'src/submit': {
    ours: ['src/base', 'src/protocol', 'src/access', 'src/spec', 'src/client', 'src/files', 'src/transfer', 'src/sync'],
    outside: ['node:', 'ignore', 'simple-git', 'client-zip', 'yaml'],
  },
  'src/download': { ours: ['src/base', 'src/protocol', 'src/client', 'src/transfer'], outside: ['node:'] },
  'src/plane': { ours: ['src/base', 'src/protocol', 'src/client', 'src/files', 'src/tuning'], outside: ['node:'] },
  'src/orchestrator': { ours: ['src/base', 'src/protocol', 'src/spec', 'src/client'], outside: ['node:'] },
  'src/runner': {
    ours: ['src/base', 'src/protocol', 'src/spec', 'src/client', 'src/plane', 'src/files', 'src/transfer'],
    outside: ['node:'],
  },
  'src/serving': {
    ours: ['src/base', 'src/protocol', 'src/client', 'src/spec', 'src/orchestrator', 'src/runner'],
    outside: ['node:'],
  },
  'src/server': {
    ours: [
      'src/base',
      'src/protocol',
      'src/access',
      'src/spec',
      'src/client',
      'src/store',
      'src/plane',
      'src/files',
      'src/orchestrator',
      'src/runner',
      'src/serving',
      'src/tuning',
      'src/catalog',
      'src/inference',
      'src/finetuning',
      'src/machine',
    ],
    outside: [
      'node:',
      'hono',
      '@hono/node-server',
      'typebox',
      '@peculiar/x509',
      'reflect-metadata',
      'pbf',
      'graphql',
      'croner',
      'windows-iana',
      'jose',
      'openid-client',
      'nodemailer',
    ],
  },
  'src/sync': { ours: ['src/base', 'src/protocol', 'src/client', 'src/transfer', 'src/files', 'src/plane'], outside: ['node:'] },
  'src/exchange': {
    ours: ['src/base', 'src/protocol', 'src/client', 'src/files', 'src/transfer', 'src/sync'],
    outside: ['node:', 'typebox', 'yaml', 'hyparquet', 'hyparquet-writer'],
  },
  'src/tools': { ours: ['src/base', 'src/protocol', 'src/client', 'src/failures', 'src/submit'], outside: ['typebox'] },
  'src/cli': {
    ours: [
      'src/base',
      'src/protocol',
      'src/sync',
      'src/exchange',
      'src/tools',
      'src/catalog',
      'src/inference',
      'src/finetuning',
      'src/failures',
      'src/spec',
      'src/language',
      'src/client',
      'src/submit',
      'src/download',
      'src/plane',
      'src/runner',
      'src/store',
      'src/server',
      'src/tuning',
      'src/files',
    ],
    outside: ['node:', 'ignore', 'yaml', '@jmespath-community/jmespath', '@modelcontextprotocol/server'],
  },
  'src/extension': {
    ours: [
      'src/base',
      'src/protocol',
      'src/access',
      'src/failures',
      'src/spec',
      'src/client',
      'src/submit',
      'src/download',
      'src/plane',
      'src/sync',
      'src/tuning',
      'src/tools',
    ],
    outside: ['node:', 'vscode', 'vscode-languageclient'],
  },
  webview: {
    ours: ['src/base', 'src/protocol', 'src/access', 'src/failures', 'src/client'],
    outside: [
      'react',
      'react-dom',
      'marked',
      'hyparquet',
      'hyparquet-compressors',
      'client-zip',
      'hyparquet-writer',
      '@xyflow/react',
      '@dagrejs/dagre',
      'diff',
      '@tanstack/react-virtual',
      '@vscode-elements/elements',
      '@vscode/codicons',
    ],
  },
};

/** Where promises are still let go with `void`. */
const handedOver: string[] = [];

/** Files outside a folder's rule, each with its reason. */
const onlyHere: { what: string; pattern: RegExp; allowed: (file: string) => boolean; folders: string[] }[] = [
  {
    what: 'process.env is read only by programs: the command line, the configuration, where the extension starts the plane, the server of a model, the steps of a fine-tuning job',
    pattern: /process\.env\b/,
    allowed: (file) =>
      file.startsWith('src/cli/') ||
      file === 'src/server/config.ts' ||
      file === 'src/extension/planeProcess.ts' ||
      file === 'src/inference/server/main.ts' ||
      file === 'src/finetuning/main.ts',
    folders: ['src', 'webview'],
  },
  {
    what: 'a plane and a runner load what they do not need at the start as a `laterPart`, but for two large libraries that hardly anyone needs',
    pattern: /(?<!laterPart\(\(\) => )\bimport\('/,
    allowed: (file) =>
      !/^src\/(?:server|serving|runner|orchestrator|store|plane|files|transfer|client|access|tuning)\//.test(file) ||
      file === 'src/server/tls/certificate.ts' ||
      file === 'src/server/routes/mlflow/graphql.ts',
    folders: ['src'],
  },
  {
    what: 'inside server/, only controlPlane.ts sees the runner, the orchestrator and what serves deployments',
    pattern: /from '\.\.?\/(?:\.\.\/)*(?:runner|orchestrator|serving)\//,
    allowed: (file) => !file.startsWith('src/server/') || file === 'src/server/controlPlane.ts',
    folders: ['src'],
  },
  {
    what: 'inside language/, only the shell around the features sees the editor connection, the disk, planes and what is submitted',
    pattern: /from '(?:vscode-languageserver\/node|node:[^']*|\.\.\/(?:client|plane|submit)\/[^']*)'/,
    allowed: (file) =>
      !file.startsWith('src/language/') ||
      /^src\/language\/(?:session|server|stdio|localDisk|planeNames|planeWatch|codeSizes)\.ts$/.test(file),
    folders: ['src'],
  },
  {
    // Together with Biome's `noFloatingPromises`, which takes `void promise` for handled: work that nobody waits for goes through `aside`.
    what: 'no promise loses its error by `void`',
    pattern: /\bvoid[ \t]+[\w$(]/,
    allowed: (file) => handedOver.some((each) => file.startsWith(each)),
    folders: ['src', 'webview'],
  },
  {
    what: 'the style sheets of a page are imported by its `main.css`, since nobody loads those of parts that come later',
    pattern: /import '[^']+\.css'/,
    allowed: () => false,
    folders: ['webview'],
  },
  {
    what: 'untrusted text never becomes HTML',
    pattern: /\.innerHTML\b|dangerouslySetInnerHTML|insertAdjacentHTML/,
    allowed: () => false,
    folders: ['src', 'webview'],
  },
];

const files = (folder: string) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).map((file) => file.split(path.sep).join('/'));
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');
const importsOf = (source: string) =>
  [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => (match[1] ?? match[2] ?? match[3])!);
const packageOf = (name: string) =>
  name.startsWith('node:')
    ? 'node:'
    : name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
const folderOf = (file: string) => (file.startsWith('webview/') ? 'webview' : file.split('/').slice(0, 2).join('/'));

describe('architecture', () => {
  it('has a rule for every folder of src', () => {
    const folders = new Set(files('src').map(folderOf));
    assert.deepEqual(
      [...folders].filter((folder) => !rules[folder]),
      [],
    );
  });

  for (const [folder, rule] of Object.entries(rules)) {
    it(`${folder} imports only what it may`, () => {
      const wrong: string[] = [];
      for (const file of files(folder)) {
        for (const name of importsOf(text(file))) {
          if (name.startsWith('.')) {
            const target = folderOf(path.posix.normalize(path.posix.join(path.posix.dirname(file), name)));
            if (target !== folder && target !== 'package.json' && !rule.ours.includes(target)) wrong.push(`${file} imports ${target}`);
          } else if (!rule.outside.includes(packageOf(name))) wrong.push(`${file} imports ${name}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  for (const rule of onlyHere) {
    it(rule.what, () => {
      const wrong = rule.folders.flatMap(files).filter((file) => rule.pattern.test(text(file)) && !rule.allowed(file));
      assert.deepEqual(wrong, []);
    });
  }

  it('leaves no answer of the editor without a catch', () => {
    // `vscode` has no types that Biome reads, so these it does not see.
    const statement =
      /[;{}]\n *(?:commands\.executeCommand|window\.show(?:Information|Warning|Error)Message|languages\.setTextDocumentLanguage|[\w.]*webview\.postMessage|[\w.]+\.workspaceState\.update)\([^;]*;/g;
    const wrong = files('src/extension').flatMap((file) =>
      [...text(file).matchAll(statement)].filter(([found]) => !/\.then\([^;]*,/.test(found)).map(([found]) => `${file}: ${found.trim()}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('declares in package.json just the commands that the extension registers', () => {
    const manifest = JSON.parse(text('package.json'));
    const declared: string[] = (manifest.contributes?.commands ?? []).map((command: { command: string }) => command.command).sort();
    const mentioned = new Set(
      files('src/extension').flatMap((file) =>
        [...text(file).matchAll(/['"](updraft\.[a-z][a-zA-Z]*\.[a-zA-Z]+)['"]/g)].map((match) => match[1]!),
      ),
    );
    assert.deepEqual(
      declared.filter((command) => !mentioned.has(command)),
      [],
      'declared but not in the code',
    );
    for (const command of declared) assert.match(command, /^updraft\.[a-z][a-zA-Z]*\.[a-zA-Z]+$/);
  });

  it('keeps every dependency in the table of src/README.md', () => {
    const manifest = JSON.parse(text('package.json'));
    const readme = text('src/README.md');
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual(
      names.filter((name) => !readme.includes(`\`${name}\``)),
      [],
    );
  });
});
