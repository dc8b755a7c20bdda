import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { ModelVersion } from '../protocol/asset.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';

/** What lies ready on this machine when a server is to be started. */
export interface ServerFiles {
  /** The folder of the code; empty where the deployment has none. */
  code: string;
  /** The file or folder of the model; undefined where the deployment has none. */
  model: string | undefined;
}

/** A way to serve a deployment. */
export interface ServerKind {
  name: string;
  /** Whether it is the one for this deployment. The first that says so is taken. */
  fits(deployment: OnlineDeployment, model: ModelVersion['properties'] | undefined): boolean;
  /** Where its packages come from: the environment that the deployment names, or the files of the model. `none`: it has no Python. */
  environment: 'deployment' | 'model' | 'none';
  /** What `scoringServer` is to serve, and as what; of a language model, its file. Throws a `UserError` when it can't. */
  served(deployment: OnlineDeployment, files: ServerFiles): [kind: 'script' | 'mlflow' | 'language model', path: string];
}

/** Every kind of server, a row each. */
export const serverKinds: readonly ServerKind[] = [
  {
    name: 'scoring script',
    fits: ({ code }) => code !== undefined,
    environment: 'deployment',
    served: ({ code }, files) => ['script', path.join(files.code, code!.scoringScript)],
  },
  {
    name: 'MLflow model',
    fits: (_deployment, model) => model?.modelType === 'mlflow_model',
    environment: 'model',
    served: (_deployment, files) => ['mlflow', files.model!],
  },
  {
    name: 'language model',
    fits: (_deployment, model) => /\.gguf$/i.test(model?.modelUri ?? ''),
    environment: 'none',
    served: (_deployment, files) => ['language model', files.model!],
  },
];

/** The kind of server for a deployment. Throws `NotImplemented` where there is none. */
export function serverKindOf(deployment: OnlineDeployment, model: ModelVersion['properties'] | undefined): ServerKind {
  const kind = serverKinds.find((each) => each.fits(deployment, model));
  if (kind) return kind;
  if (!model)
    throw new UserError(
      'NotImplemented',
      `The deployment ${deployment.name} has neither a scoring script nor a model: there is nothing to serve.`,
      'Give it a "code_configuration", or a "model" of the type mlflow_model.',
    );
  throw new UserError(
    'NotImplemented',
    `A model of the type ${model.modelType ?? 'custom_model'} needs a scoring script to be served here.`,
    'Give the deployment a "code_configuration" with a script that has init() and run(), or register the model as mlflow_model. A GGUF file is served as it is.',
  );
}
