import { UserError } from '../base/userError.ts';
import { pageOfAsset } from './assetPage.ts';
import type { PageAddress } from './webview.ts';

const folders = {
  job: 'jobs',
  jobs: 'jobs',
  runs: 'runs',
  schedules: 'schedules',
  playground: 'playground',
  endpoint: 'endpoints',
  endpoints: 'endpoints',
  model: 'models',
  models: 'models',
  finetuning: 'finetuning',
  data: 'data',
  environment: 'environments',
  component: 'components',
  audit: 'audit',
  quotas: 'quotas',
  registries: 'registries',
  registry: 'registries',
} as const;

/** `/runs/EXPERIMENT?tab=charts&filter=…`, `/registries/REGISTRY/models/NAME`: where a page is, below the Studio's address and in links of the editor. */
export function pathOfPage({ page, name, registry, tab, version, state = {} }: PageAddress): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...state, ...(tab ? { tab } : {}), ...(version ? { version } : {}) }))
    query.set(key, stateText(value));
  const place = registry === undefined ? '' : `/${folders.registry}/${encodeURIComponent(registry)}`;
  return `${place}/${folders[page]}${name ? `/${encodeURIComponent(name)}` : ''}${query.size ? `?${query}` : ''}`;
}

/** The page of such a path; undefined for a path of none. */
export function pageOfPath(path: string): PageAddress | undefined {
  const [, folder, name, ...within] = path.split('/');
  const text = decode(name ?? '');
  if (folder === 'registries') return pageOfRegistry(text, within);
  if (folder === 'runs') return { page: 'runs', name: text };
  if (folder === 'schedules' || folder === 'playground' || folder === 'finetuning' || folder === 'audit' || folder === 'quotas')
    return { page: folder, name: '' };
  if (folder === 'endpoints') return text ? { page: 'endpoint', name: text } : { page: 'endpoints', name: '' };
  if (folder === 'models') return text ? { page: 'model', name: text } : { page: 'models', name: '' };
  if (folder === 'jobs') return text ? { page: 'job', name: text } : { page: 'jobs', name: '' };
  const asset = pageOfAsset[folder as keyof typeof pageOfAsset] as PageAddress['page'] | undefined;
  return asset && text ? { page: asset, name: text } : undefined;
}

/** The list of registries, one of them, or one of its assets. */
function pageOfRegistry(registry: string, within: readonly string[]): PageAddress | undefined {
  if (!registry) return { page: 'registries', name: '' };
  if (!within[0]) return { page: 'registry', name: registry };
  if (!Object.hasOwn(pageOfAsset, within[0]) || !within[1]) return undefined;
  const asset = pageOfPath(`/${within[0]}/${within[1]}`);
  return asset && { ...asset, registry };
}

/** Plain words stand without quotes. */
export const stateText = (value: unknown): string => (typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value));

export function stateValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Plain words are written without quotes, to be read by people.
    return text;
  }
}

/** Longest query of a link that is believed. */
const longestQuery = 200_000;

const lists: ReadonlySet<PageAddress['page']> = new Set([
  'jobs',
  'models',
  'schedules',
  'playground',
  'finetuning',
  'endpoints',
  'audit',
  'quotas',
  'registries',
  'registry',
]);

/** The page that a link of the editor (`vscode://updraft.updraft/runs/EXPERIMENT?filter=…`) shows; throws for one that shows none. Each page checks its state itself. */
export function pageOfLink(path: string, query: string): PageAddress {
  const page = pageOfPath(path);
  if (!page || lists.has(page.page))
    throw new UserError(
      'InvalidArgument',
      'The link leads to no page of Updraft.',
      'A link begins with /runs/EXPERIMENT, /jobs/NAME or /models/NAME.',
    );
  if (query.length > longestQuery) throw new UserError('InvalidArgument', 'The link is too long.');
  const { tab, ...rest } = Object.fromEntries(new URLSearchParams(query));
  const state = Object.fromEntries(Object.entries(rest).map(([key, text]) => [key, stateValue(text)]));
  return { ...page, ...(tab ? { tab } : {}), ...(Object.keys(state).length > 0 ? { state } : {}) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
