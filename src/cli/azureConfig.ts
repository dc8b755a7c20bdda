import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The workspace that `MLClient.from_config` would take in a folder. */
export interface AzureConfig {
  file: string;
  subscription: string;
  resourceGroup: string;
  workspace: string;
}

/** The nearest `config.json` as azure-ai-ml looks for it: in the folder itself, its `.azureml` or `aml_config`, then in the folders above. */
export function azureConfig(folder: string): AzureConfig | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    for (const place of ['config.json', '.azureml/config.json', 'aml_config/config.json']) {
      const found = read(path.join(at, place));
      if (found) return found;
    }
    if (at === path.dirname(at)) return undefined;
  }
}

/** Undefined where there is no such file, or it is somebody else's `config.json`. */
function read(file: string): AzureConfig | undefined {
  try {
    const { subscription_id, resource_group, workspace_name } = JSON.parse(readFileSync(file, 'utf8'));
    if (![subscription_id, resource_group, workspace_name].every((each) => typeof each === 'string')) return undefined;
    return { file, subscription: subscription_id, resourceGroup: resource_group, workspace: workspace_name };
  } catch {
    return undefined;
  }
}
