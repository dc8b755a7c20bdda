import path from 'node:path';
import { formatDuration } from '../../base/text.ts';
import { allPages } from '../../client/planeClient.ts';
import { type Job, jobProperty } from '../../protocol/job.ts';
import { connect } from '../connect.ts';
import { failureText } from '../failure.ts';
import { followJob, metricsOf, terminal } from '../follow/followJob.ts';
import { metricsText } from '../follow/render.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required } from '../parsed.ts';
import { factLines, tableOf } from '../textParts.ts';

/** What `npm start` runs: a pipeline from submission to a summary of what came out. */
export async function runExample(parsed: Parsed): Promise<Outcome> {
  const file = required(parsed, 'file');
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const { client, lock } = await connect(parsed);
  say(`Control plane: ${lock.url}, data in ${(await client.status()).dataFolder}`);
  const { submitJob } = await import('../../submit/submitJob.ts');
  const { job } = await submitJob({ client, file, onProgress: say });
  const shown = path.relative(process.cwd(), path.resolve(file)) || file;
  say(`Submitted ${shown} as ${job.name}\n`);
  const ended = await followJob(client, job, terminal());
  if (ended.properties.status !== 'Completed') {
    process.stderr.write(`\n${failureText(ended)}\n\nWhole log of a step: npm run -s updraft -- job stream --name ${job.name}-STEP\n`);
    return { exitCode: 1 };
  }

  const steps: Job[] = await Array.fromAsync(allPages((next) => client.listJobs({ parent: job.name, listViewType: 'All' }, next)));
  const rows = steps.reverse().map((step) => {
    const { startedAt, endedAt, properties, nodeName } = step.properties;
    const reused = properties?.[jobProperty.isReused] === 'true';
    const ms = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '');
    return { nodeName, took: reused ? 'reused' : formatDuration(ms), from: reused ? properties![jobProperty.reusedFrom]! : step.name };
  });
  const metrics = await Promise.all(
    rows.map(async ({ nodeName, took, from }) => [nodeName, took, metricsText(await metricsOf(client, from))]),
  );
  const models: string[] = [];
  for (const output of Object.values(ended.properties.outputs ?? {})) {
    if (!output.assetName || !output.jobOutputType.endsWith('_model')) continue;
    const [latest] = (await client.listVersions('models', output.assetName)).value;
    if (latest)
      models.push(
        `${output.assetName}:${latest.name}${latest.properties.jobName === job.name ? '' : ` (the same content as before, from ${latest.properties.jobName})`}`,
      );
  }
  say(`\n${tableOf(['STEP', 'TOOK', 'METRICS'], metrics, '')}\n`);
  say(
    factLines([
      ['model', models.join(', ')],
      ['studio', `${lock.url}/studio/jobs/${job.name}${lock.isElsewhere ? '' : `?token=${lock.token}`}`],
      ['in VS Code', 'npm run vscode'],
    ]),
  );
  return {};
}
