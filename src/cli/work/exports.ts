import path from 'node:path';
import { formatBytes, plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { exportFolder } from '../../exchange/folder/exportFolder.ts';
import { Result } from '../../exchange/result.ts';
import { assetNouns } from '../../protocol/arm.ts';
import { connect } from '../connect.ts';
import { exportYaml } from '../exportYaml.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, text } from '../parsed.ts';
import { version } from '../version.ts';
import { type Counted, tellProgress, tellRefusal, whatThereIs } from './exchangeProgress.ts';

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
    yaml: exportYaml,
    version,
    result,
    onProgress: tellProgress(result),
  });
  const { refused } = result;
  return {
    value: { folder, ...counts, written, refused },
    text: () =>
      [
        `${folder} has ${whatThereIs([
          [counts.jobs, 'job'],
          [counts.points, 'point of metrics', 'points of metrics'],
          ...Object.entries(assetNouns).map(([kind, noun]): Counted => [counts[kind], `version of ${noun}`, `versions of ${kind}`]),
        ])}.`,
        `New in it: ${plural(written.files, 'file')}, ${formatBytes(written.bytes)}.`,
        ...(refused.length > 0 ? [`${plural(refused.length, 'thing')} left out; why is said above.`] : []),
      ].join('\n'),
    ...(refused.length > 0 ? { exitCode: 1 } : {}),
  };
}
