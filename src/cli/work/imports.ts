import { statSync } from 'node:fs';
import path from 'node:path';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { importFolder } from '../../exchange/folder/importFolder.ts';
import { folderKind } from '../../exchange/folderKind.ts';
import { importMlflow } from '../../exchange/mlflow/importMlflow.ts';
import { MlflowServer } from '../../exchange/mlflow/mlflowServer.ts';
import { MlrunsFolder } from '../../exchange/mlflow/mlrunsFolder.ts';
import type { MlflowSource } from '../../exchange/mlflow/source.ts';
import { Result } from '../../exchange/result.ts';
import { connect } from '../connect.ts';
import { mlflowCredentials } from '../mlflowCredentials.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, text } from '../parsed.ts';
import { tellProgress, tellRefusal, whatThereIs } from './exchangeProgress.ts';

export async function importThem(parsed: Parsed): Promise<Outcome> {
  const [given, ...others] = parsed.positionals;
  if (given === undefined || others.length > 0)
    throw new UserError('InvalidArgument', 'Say what is to be imported: one folder, or the address of one MLflow server.');
  const dryRun = flag(parsed, 'dry-run');
  const result = new Result(tellRefusal);
  const onProgress = tellProgress(result);
  const source = sourceOf(given, result);
  const { client } = await connect(parsed);
  if (typeof source === 'string') await importFolder(source, client, { dryRun, result, onProgress });
  else await bring(source, client);
  const { counts, refused, seen } = result;
  return {
    value: { seen, ...counts, refused, dryRun },
    text: () =>
      [
        ...(dryRun
          ? [`${plural(seen, 'thing')} would be looked at. Nothing was written.`]
          : Object.values(counts).every((count) => count === 0)
            ? [`${plural(seen, 'thing')} looked at: nothing is missing here.`]
            : [
                `New here: ${whatThereIs([
                  [counts.experiments, 'experiment'],
                  [counts.jobs, 'job'],
                  [counts.points, 'point of metrics', 'points of metrics'],
                  [counts.files, 'file', `files (${formatBytes(counts.bytes)})`],
                  [counts.assets, 'asset'],
                  [counts.loggedModels, 'logged model'],
                  [counts.models, 'registered model'],
                  [counts.versions, 'version of models', 'versions of models'],
                ])}.`,
              ]),
        ...(refused.length > 0 ? [`${plural(refused.length, 'thing')} not taken; why is said above.`] : []),
      ].join('\n'),
    ...(refused.length > 0 ? { exitCode: 1 } : {}),
  };

  async function bring(from: MlflowSource, to: PlaneClient): Promise<void> {
    await importMlflow(from, to, {
      experiment: text(parsed, 'experiment-name'),
      dryRun,
      ...(flag(parsed, 'unended-as-killed') ? { unendedAs: 'Canceled' as const } : {}),
      result,
      onProgress,
    });
  }
}

/** What an address or a folder stands for; of one of our own exports the folder itself. Throws `InvalidArgument` for what can't be imported. */
function sourceOf(given: string, result: Result): MlflowSource | string {
  if (/^https?:\/\//i.test(given)) {
    if (!URL.canParse(given)) throw new UserError('InvalidArgument', `"${given}" is no address.`, 'Give it as http://host:port.');
    const { username, password, search, hash } = new URL(given);
    if (username || password || search || hash)
      throw new UserError(
        'InvalidArgument',
        'The address of an MLflow server has no user, password, query or fragment.',
        'Put what opens it into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
      );
    return new MlflowServer(given, { credentials: mlflowCredentials(given, process.env) });
  }
  const folder = path.resolve(given);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(
      'InvalidArgument',
      `There is no folder ${folder}.`,
      'Give a folder, or an address that begins with http:// or https://.',
    );
  const kind = folderKind(folder);
  if (kind === 'export') return folder;
  if (kind === 'mlruns') return new MlrunsFolder(folder, (what, error) => result.refuse(what, error));
  if (kind === 'wandb')
    throw new UserError(
      'InvalidArgument',
      `${folder} has runs of Weights & Biases, whose files Updraft can not read yet.`,
      'docs/export.md says what can be imported.',
    );
  throw new UserError(
    'InvalidArgument',
    `${folder} is nothing that can be imported.`,
    'Give a folder of "updraft export", or the mlruns folder of MLflow, which has a folder with a meta.yaml for each experiment.',
  );
}
