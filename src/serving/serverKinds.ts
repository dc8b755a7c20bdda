import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { ModelVersion } from '../protocol/asset.ts';
import type { EngineFormat } from '../protocol/inferenceEngine.ts';
import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import type { Program } from './modelFileServer.ts';

/** What lies ready on this machine when a server is to be started. */
export interface ServerFiles {
  /** The folder of the code; empty where the deployment has none. */
  code: string;
  /** The file or folder of the model; undefined where the deployment has none. */
  model: string | undefined;
}

/** The registered model of a deployment. */
export interface RegisteredModel {
  properties: ModelVersion['properties'];
  /** It is an adapter, with what it was trained from. */
  isAdapter: boolean;
}

/** What a command line may name. */
export interface ServerTools {
  /** The program of `scoringServer.ts`. */
  scoringServer: string;
  /** The file in which a server notes its port. */
  portFile: string;
  /** The program that serves a model's file by itself, for kinds with an engine. */
  modelFile?: Program;
  /** The file of the model that an adapter was trained from. */
  base?: string;
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
  fits(deployment: OnlineDeployment, model: RegisteredModel | undefined): boolean;
  /** Where its packages come from: the environment that the deployment names, the files of the model, or nowhere. */
  environment: 'deployment' | 'model' | 'none';
  /** What runs its model, of kinds that need no Python. */
  engine?: EngineFormat;
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

function modelFileCommand(_deployment: OnlineDeployment, files: ServerFiles, { modelFile, portFile }: ServerTools): string[] {
  return [...modelFile!.words, files.model!, portFile];
}

/** Every kind of server, a row each. */
export const serverKinds: readonly ServerKind[] = [
  {
    name: 'scoring script',
    fits: ({ code }) => code !== undefined,
    environment: 'deployment',
    command: ({ code }, files, tools) => python(tools, 'script', path.join(files.code, code!.scoringScript)),
  },
  {
    name: 'adapter of a language model',
    fits: (_deployment, model) => model?.isAdapter === true,
    environment: 'none',
    engine: 'gguf',
    command: (_deployment, files, { modelFile, portFile, base }) => [...modelFile!.words, base!, portFile, files.model!],
  },
  {
    name: 'MLflow model',
    fits: (_deployment, model) => model?.properties.modelType === 'mlflow_model',
    environment: 'model',
    command: (_deployment, files, tools) => python(tools, 'mlflow', files.model!),
  },
  {
    name: 'language model',
    fits: (_deployment, model) => /\.gguf$/i.test(model?.properties.modelUri ?? ''),
    environment: 'none',
    engine: 'gguf',
    command: modelFileCommand,
  },
  {
    name: 'ONNX model',
    // What is in a folder is seen when it is there.
    fits: (_deployment, model) => model !== undefined && /(?:\.onnx|\/[^/.]*\/?)$/i.test(model.properties.modelUri),
    environment: 'none',
    engine: 'onnx',
    command: modelFileCommand,
  },
];

/** The kind of server for a deployment. Throws `NotImplemented` where there is none. */
export function serverKindOf(deployment: OnlineDeployment, model: RegisteredModel | undefined): ServerKind {
  const kind = serverKinds.find((each) => each.fits(deployment, model));
  if (kind) return kind;
  if (!model)
    throw new UserError(
      'NotImplemented',
      `The deployment ${deployment.name} has neither a scoring script nor a model: there is nothing to serve.`,
      'Give it a "code_configuration", or a "model" of the type mlflow_model.',
    );
  throw needsScript(model.properties);
}

const needsScript = ({ modelType }: ModelVersion['properties']): UserError =>
  new UserError(
    'NotImplemented',
    `A model of the type ${modelType ?? 'custom_model'} needs a scoring script to be served here.`,
    'Give the deployment a "code_configuration" with a script that has init() and run(), or register the model as mlflow_model. A GGUF or ONNX file is served as it is.',
  );

/** Where the model's file is when the folder of one was registered: `model.onnx`, below `onnx` where the Hugging Face Hub has it, or the only ONNX file. Throws where there is none. */
export function modelFileIn(folder: string, names: readonly string[], model: ModelVersion['properties']): string {
  const own = names.filter((each) => /^[^/]+\.onnx$/i.test(each));
  const file = ['model.onnx', 'onnx/model.onnx'].find((each) => names.includes(each)) ?? (own.length === 1 ? own[0] : undefined);
  if (file !== undefined) return path.join(folder, ...file.split('/'));
  if (own.length === 0) throw needsScript(model);
  throw new UserError(
    'InvalidArgument',
    `The model has several ONNX files: ${own.slice(0, 20).join(', ')}.`,
    'Call the one that is to be served model.onnx, or register it alone.',
  );
}
