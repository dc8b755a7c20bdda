import type { CommandJobProperties, JobInput, JobOutput, SweepJob } from '../../protocol/job.ts';
import type { TrialValues } from './sampling.ts';

/** Where a trial's number is kept: in its name, so that each is created once, whatever happens between. */
export const trialName = (sweep: string, index: number): string => `${sweep}_${index}`;

/** The number of a trial; undefined for a job that is none of the sweep's. */
export function trialIndex(sweep: string, name: string): number | undefined {
  const text = name.startsWith(`${sweep}_`) ? name.slice(sweep.length + 1) : '';
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/** The command job of one trial: the sweep's trial with its values put in, as inputs of that name. */
export function trialProperties(sweep: SweepJob, index: number, values: TrialValues): CommandJobProperties {
  const { trial, inputs, outputs, limits, experimentName, properties, computeId } = sweep.properties;
  const drawn: Record<string, JobInput> = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { jobInputType: 'literal', value: String(value) }]),
  );
  return {
    jobType: 'Command',
    displayName: `trial_${index}`,
    ...(experimentName ? { experimentName } : {}),
    ...(computeId ? { computeId } : {}),
    parentJobName: sweep.name,
    nodeName: `trial_${index}`,
    command: trial.command.replace(/\$\{\{\s*search_space\.([^{}\s]+)\s*\}\}/g, (_whole, name: string) => `\${{inputs.${name}}}`),
    codeId: trial.codeId ?? null,
    environmentId: trial.environmentId,
    ...(trial.environmentVariables ? { environmentVariables: trial.environmentVariables } : {}),
    ...(trial.resources ? { resources: trial.resources } : {}),
    ...(trial.distribution ? { distribution: trial.distribution } : {}),
    ...(limits?.trialTimeout ? { limits: { jobLimitsType: 'Command', timeout: limits.trialTimeout } } : {}),
    inputs: { ...inputs, ...drawn },
    outputs: Object.fromEntries(Object.entries(outputs ?? {}).map(([name, output]) => [name, ofTrial(output, index)])),
    properties: { ...properties, hyperparameters: JSON.stringify(values) },
    tags: { hyperparameters: JSON.stringify(values) },
  };
}

/** Each trial writes to a place of its own; the best one's outputs become the sweep's, under the asset's name if there is one. */
function ofTrial({ assetName: _name, assetVersion: _version, uri, ...output }: JobOutput, index: number): JobOutput {
  return { ...output, ...(uri ? { uri: `${uri.replace(/\/+$/, '')}/trial_${index}` } : {}) };
}
