import path from 'node:path';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { exportFolder, type YamlWriter } from '../../exchange/folder/exportFolder.ts';
import { Result } from '../../exchange/result.ts';
import { assetNouns } from '../../protocol/arm.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { yamlText } from '../output/yamlText.ts';
import { list, type Parsed, text } from '../parsed.ts';
import { assetShape } from '../shapes/assetShape.ts';
import { definition } from '../shapes/jobShape.ts';
import type { ArmResource, Fields } from '../shapes/parts.ts';
import { version } from '../version.ts';
import { tellProgress, tellRefusal } from './exchangeProgress.ts';

export async function exportThem(parsed: Parsed): Promise<Outcome> {
  const [given, ...others] = parsed.positionals;
  if (given === undefined || others.length > 0) throw new UserError('InvalidArgument', 'Say to which folder: updraft export FOLDER.');
  const { client } = await connect(parsed);
  const result = new Result(tellRefusal);
  const folder = path.resolve(given);
  const { counts, written } = await exportFolder(client, folder, {
    experiment: text(parsed, 'experiment-name'),
    jobs: list(parsed, 'job'),
    models: list(parsed, 'model'),
    yaml,
    version,
    result,
    onProgress: tellProgress(result),
  });
  const { refused } = result;
  return {
    value: { folder, ...counts, written, refused },
    text: () =>
      [
        `${folder} has ${plural(counts.jobs ?? 0, 'job')} with ${plural(counts.points ?? 0, 'point')} of metrics, and ${Object.entries(
          assetNouns,
        )
          .map(([kind, noun]) => `${counts[kind] ?? 0} ${noun}`)
          .join(', ')}.`,
        `New in it: ${plural(written.files, 'file')}, ${formatBytes(written.bytes)}.`,
        ...(refused.length > 0 ? [`${plural(refused.length, 'thing')} left out; why is said above.`] : []),
      ].join('\n'),
    ...(refused.length > 0 ? { exitCode: 1 } : {}),
  };
}

const yaml: YamlWriter = {
  job({ properties }, codeFolder) {
    const { status: _status, error: _error, services: _services, properties: _facts, ...shape } = definition(properties);
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
