import type { YamlWriter } from '../exchange/folder/exportFolder.ts';
import { assetNouns } from '../protocol/arm.ts';
import { yamlText } from './output/yamlText.ts';
import { assetShape } from './shapes/assetShape.ts';
import { definition } from './shapes/jobShape.ts';
import type { ArmResource, Fields } from './shapes/parts.ts';

/** The YAML in an export: what `az ml … show` prints, less what a file can't say, and with paths of the export. */
export const exportYaml: YamlWriter = {
  job({ properties }, codeFolder) {
    const { status: _status, error: _error, services: _services, properties: _facts, component: _from, ...shape } = definition(properties);
    const schema = `https://azuremlschemas.azureedge.net/latest/${shape.type}Job.schema.json`;
    return { file: 'job.yml', text: yamlText({ $schema: schema, ...withCode(shape, properties, codeFolder) }) };
  },
  asset(kind, asset, codeFolder, files) {
    const noun = assetNouns[kind];
    const { id: _id, creation_context: _made, job_name: _job, stage: _stage, ...shape } = assetShape(kind, asset as ArmResource);
    const spec = (asset.properties as Fields).componentSpec ?? {};
    const shown = withCode(shape, { codeId: typeof spec.code === 'string' ? spec.code : undefined }, codeFolder);
    if (files !== undefined && kind === 'environments') shown.build = { ...shown.build, path: files };
    else if (files !== undefined) shown.path = files;
    const schema =
      kind === 'components'
        ? (spec.$schema ?? `https://azuremlschemas.azureedge.net/latest/${spec.type}Component.schema.json`)
        : `https://azuremlschemas.azureedge.net/latest/${noun}.schema.json`;
    return { file: `${noun}.yml`, text: yamlText(kind === 'codes' ? shown : { $schema: schema, ...shown }) };
  },
};

/** Code as the folder in which its files are, so that the job can be submitted again from there. */
function withCode(shape: Fields, { codeId, trial }: Fields, codeFolder: (id: string) => string | undefined): Fields {
  const own = codeId ? codeFolder(codeId) : undefined;
  const trials = trial?.codeId ? codeFolder(trial.codeId) : undefined;
  return { ...shape, ...(own ? { code: own } : {}), ...(trials ? { trial: { ...shape.trial, code: trials } } : {}) };
}
