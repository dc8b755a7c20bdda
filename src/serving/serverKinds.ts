import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { ModelVersion } from '../protocol/asset.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import type { Program } from './languageModelServer.ts';

/** What lies ready on this machine when a server is to be started. */
export interface ServerFiles {
  /** The folder of the code; empty where the deployment has none. */
  code: string;
  /** The file or folder of the model; undefined where the deployment has none. */
  model: string | undefined;
}

/** What a command line may name. */
export interface ServerTools {
  /** The program of `scoringServer.ts`. */
  scoringServer: string;
  /** The file in which a server notes its port. */
  portFile: string;
  /** The program for a language model, for kinds that are one. */
  languageModel?: Program;
}

/**
 * A way to serve a deployment: a program that the plane starts as a process. Every such program does this:
 * - It listens on a port of 127.0.0.1, and writes the number to the port file once it is ready.
 * - It refuses requests whose header `x-updraft-secret` is not the value of the variable `UPDRAFT_SERVER_SECRET`.
 * - It answers `/-/health` with 200.
 * - It may stop a request at `/-/stop?request=NAME`. NAME is what that request had in its header `x-updraft-request`.
 * - It ends when it got no request for two minutes.
 */
export interface ServerKind {
  name: string;
  /** Whether it is the one for this deployment. The first that says so is taken. */
  fits(deployment: OnlineDeployment, model: ModelVersion['properties'] | undefined): boolean;
  /** Where its packages come from: the environment that the deployment names, the files of the model, or nowhere. */
  environment: 'deployment' | 'model' | 'none';
  isLanguageModel?: boolean;
  /** The words of its command line. Throws a `UserError` when it can't serve this. */
  command(deployment: OnlineDeployment, files: ServerFiles, tools: ServerTools): string[];
}

const python = ({ scoringServer, portFile }: ServerTools, kind: 'script' | 'mlflow', served: string): string[] => [
  'python',
  '-u',
  scoringServer,
  kind,
  served,
  portFile,
];

/** Every kind of server, a row each. */
export const serverKinds: readonly ServerKind[] = [
  {
    name: 'scoring script',
    fits: ({ code }) => code !== undefined,
    environment: 'deployment',
    command: ({ code }, files, tools) => python(tools, 'script', path.join(files.code, code!.scoringScript)),
  },
  {
    name: 'MLflow model',
    fits: (_deployment, model) => model?.modelType === 'mlflow_model',
    environment: 'model',
    command: (_deployment, files, tools) => python(tools, 'mlflow', files.model!),
  },
  {
    name: 'language model',
    fits: (_deployment, model) => /\.gguf$/i.test(model?.modelUri ?? ''),
    environment: 'none',
    isLanguageModel: true,
    command: (_deployment, files, { languageModel, portFile }) => [...languageModel!.words, files.model!, portFile],
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
