import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../protocol/check.ts';
import { pageOfPath } from '../../protocol/pageLink.ts';
import { StudioFiles } from '../../protocol/studioFiles.ts';
import type { PageAddress } from '../../protocol/webview.ts';

/** The component of each page, by whose name the build knows its scripts. */
const components: Record<PageAddress['page'], string> = {
  job: 'JobPage',
  jobs: 'JobsPage',
  runs: 'RunsPage',
  schedules: 'SchedulesPage',
  model: 'ModelPage',
  models: 'ModelsPage',
  finetuning: 'FinetuningPage',
  playground: 'PlaygroundPage',
  endpoint: 'EndpointPage',
  endpoints: 'EndpointsPage',
  data: 'AssetPage',
  environment: 'AssetPage',
  component: 'AssetPage',
  audit: 'AuditPage',
  quotas: 'QuotasPage',
  registries: 'RegistriesPage',
  registry: 'RegistryPage',
};

/** The files of the page at a path below `/studio`: its script, its style sheet, and scripts that these will ask for. Without a list of the build, such as while files are watched, only the first two. */
export async function studioFiles(folder: string, at: string): Promise<{ script: string; style: string; parts: string[] }> {
  let list: StudioFiles;
  try {
    list = check(StudioFiles, JSON.parse(await readFile(path.join(folder, 'studio.json'), 'utf8')), 'The list of files of the Studio');
  } catch {
    return { script: 'studio.js', style: 'studio.css', parts: [] };
  }
  const component = components[pageOfPath(at)?.page ?? 'jobs'];
  return { script: list.script, style: list.style, parts: [...new Set([...(list.parts[''] ?? []), ...(list.parts[component] ?? [])])] };
}
