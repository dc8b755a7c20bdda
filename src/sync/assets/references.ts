import { parseAssetId, type WorkspaceRef, workspacePath } from '../../protocol/arm.ts';
import { blobAddress } from '../../protocol/asset.ts';

/** A value in which ids of resources of one workspace name those of another one. Text that only mentions an id stays as it is. */
export function inWorkspace<T>(value: T, from: WorkspaceRef, to: WorkspaceRef): T {
  return eachText(value, (text) => {
    const rest = within(text, from);
    return rest === undefined ? text : `${text.startsWith(scheme) ? scheme : ''}${workspacePath(to)}/${rest}`;
  }) as T;
}

/** The versions of assets of a workspace that a value names by their ids, each once. */
export function assetsIn(value: unknown, workspace: WorkspaceRef): NonNullable<ReturnType<typeof parseAssetId>>[] {
  const found = new Map<string, NonNullable<ReturnType<typeof parseAssetId>>>();
  eachText(value, (text) => {
    const asset = within(text, workspace) === undefined ? undefined : parseAssetId(text);
    if (asset) found.set(JSON.stringify(asset), asset);
    return text;
  });
  return [...found.values()];
}

/** Where files lie that were uploaded with a job alone: its YAML, and local files and folders that are inputs. They are no versions of assets. */
export function uploadsIn(value: unknown, job: string): { container: string; path: string }[] {
  const found = new Map<string, { container: string; path: string }>();
  eachText(value, (text) => {
    const address = blobAddress(text);
    if (address && ['LocalUpload/', `jobs/${job}/`].some((folder) => address.path.startsWith(folder))) found.set(text, address);
    return text;
  });
  return [...found.values()];
}

/** Azure ML's YAML and components write it before ids. */
const scheme = 'azureml:';

/** What follows the path of a workspace in an id; undefined for any other text. Azure's ids are the same in any case. */
function within(text: string, workspace: WorkspaceRef): string | undefined {
  const id = text.startsWith(scheme) ? text.slice(scheme.length) : text;
  const root = `${workspacePath(workspace)}/`;
  return id.slice(0, root.length).toLowerCase() === root.toLowerCase() ? id.slice(root.length) : undefined;
}

function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => eachText(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, eachText(each, change)]));
}
