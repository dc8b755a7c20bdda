/** `npm run pictures`: makes the documentation's pictures anew. The stories take them, so that they show what is there. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const pictures = [
  'completed',
  'dashboard-metrics',
  'problems',
  'graph',
  'graph-broken',
  'what-will-run',
  'new-pipeline-graph',
  'runs-table-dark',
  'sweep-compare-dark',
  'playground-dark',
  'models-dark',
  'finetuning-dark',
  'tuned-model-dark',
  'planes-dark',
  'planes-away-dark',
  'planes-registry-dark',
  'pages-share-dark',
  'comments-dark',
  'mentions-dark',
  'sync-offline-dark',
  'sync-on-its-way-dark',
  'submit-to-dark',
];

const told = spawnSync(
  process.execPath,
  [
    'scripts/test.ts',
    'e2e',
    'webview',
    'editor',
    'dashboard',
    'authoring',
    'runs',
    'sweep',
    'playground',
    'models',
    'finetuning',
    'tunedModel',
    'planes',
    'comments',
    'registries',
    'sync',
    'submitElsewhere',
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (told.status !== 0) process.exit(told.status ?? 1);
await mkdir(path.join(root, 'docs/pictures'), { recursive: true });
for (const name of pictures)
  await copyFile(path.join(root, 'test-artifacts/screenshots', `${name}.png`), path.join(root, 'docs/pictures', `${name}.png`));
