import path from 'node:path';
import { withoutForeignMlflow } from '../plane/mlflowVariables.ts';
import type { CommandJob } from '../protocol/job.ts';
import type { JobsPrograms } from './environments/jobPython.ts';
import type { RunnerContext } from './runnerContext.ts';

/**
 * The variables a job's command sees: those of the machine and its environment (`programs`), what MLflow and Azure ML scripts read (`added` and ours), and the
 * job's own, which win. Its environment's programs are found first all the same.
 */
export function jobEnvironment(
  context: Pick<RunnerContext, 'client' | 'planeUrl' | 'token' | 'workspaceId'>,
  job: CommandJob,
  programs: JobsPrograms,
  added: Record<string, string>,
  values: Map<string, string>,
): Record<string, string> {
  const { workspace, subscription, resourceGroup } = context.client.workspace;
  const { properties } = job;
  const experiment = properties.experimentName ?? 'Default';
  const base = { ...withoutForeignMlflow(programs.variables), ...added };
  const variables: Record<string, string> = {
    ...base,
    // Without it a log would come in pieces of 8 kB.
    PYTHONUNBUFFERED: '1',
    MLFLOW_TRACKING_URI: context.planeUrl,
    MLFLOW_TRACKING_TOKEN: context.token,
    // Azure's clients get their tokens for it: in the name of the job, too.
    ...(base.IDENTITY_HEADER === undefined ? {} : { IDENTITY_HEADER: context.token }),
    MLFLOW_RUN_ID: job.name,
    MLFLOW_EXPERIMENT_NAME: experiment,
    AZUREML_RUN_ID: job.name,
    AZUREML_ROOT_RUN_ID: properties.parentJobName ?? job.name,
    AZUREML_EXPERIMENT_NAME: experiment,
    AZUREML_ARM_SUBSCRIPTION: subscription,
    AZUREML_ARM_RESOURCEGROUP: resourceGroup,
    AZUREML_ARM_WORKSPACE_NAME: workspace,
    AZUREML_ARM_PROJECT_NAME: experiment,
    AZUREML_WORKSPACE_SCOPE: context.workspaceId,
    AZUREML_CR_NODE_COUNT: '1',
  };
  for (const [key, value] of values) {
    const [scope, name] = key.split(/\.(.*)/s) as [string, string];
    variables[`${scope === 'inputs' ? 'AZURE_ML_INPUT' : 'AZURE_ML_OUTPUT'}_${name}`] = value;
    // Azure hands literal values on under this name, too.
    if (scope === 'inputs' && properties.inputs?.[name]?.jobInputType === 'literal') variables[`AZUREML_PARAMETER_${name}`] = value;
    if (scope === 'inputs' && properties.inputs?.[name]?.jobInputType.endsWith('_model')) variables.AZUREML_MODEL_DIR ??= value;
  }
  Object.assign(variables, properties.environmentVariables);
  if (variables.PATH !== undefined) variables.PATH = [...programs.first, variables.PATH].join(path.delimiter);
  return variables;
}
