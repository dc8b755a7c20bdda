import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { bareEnvironmentName } from '../spec/environmentName.ts';
import { loadSpec, type Spec } from '../spec/load.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { stepToArm } from '../spec/toArm.ts';
import { resolveAsset } from './assetReference.ts';
import { localFiles } from './localFiles.ts';
import { type UploadOptions, uploadCode, uploadData } from './upload.ts';

/** Puts on the plane what a YAML file refers to, and answers ids and uris. One instance serves one submission, so that nothing is sent twice. */
export class AssetUploader {
  private readonly client: PlaneClient;
  private readonly options: UploadOptions;
  private readonly sent = new Map<string, Promise<string>>();

  constructor(client: PlaneClient, options: UploadOptions) {
    this.client = client;
    this.options = options;
  }

  private once(key: string, send: () => Promise<string>): Promise<string> {
    let result = this.sent.get(key);
    if (!result) {
      result = send();
      this.sent.set(key, result);
    }
    return result;
  }

  /** The code folder of a command at `file`; undefined without one. */
  async code(file: string, value: Record<string, any>): Promise<string | undefined> {
    const { code, additional_includes: includes = [] } = value;
    if (typeof code !== 'string') return undefined;
    if (!isLocalPath(code)) return resolveAsset(this.client, 'codes', code);
    const folder = beside(file, code);
    const extra = (includes as string[]).map((each) => beside(file, each));
    return this.once(`code ${folder} ${extra}`, () => uploadCode(this.client, folder, extra, this.options));
  }

  /** An environment by name, by file or in place. A curated name stays as it is. */
  async environment(file: string, environment: unknown): Promise<string> {
    if (typeof environment === 'string') {
      if (bareEnvironmentName(environment)) return environment;
      if (environment.startsWith('azureml:')) return resolveAsset(this.client, 'environments', environment);
      const at = beside(file, environment);
      const { spec } = loadSpec(at, localFiles, { mustBeOurs: true });
      if (!spec)
        throw new UserError(
          'MissingFile',
          `The environment ${environment} can't be read.`,
          'Write azureml:NAME:VERSION, or the path of an environment file.',
          { file },
        );
      return this.environment(at, spec.value);
    }
    const { image, conda_file: conda, build } = (environment ?? {}) as Record<string, any>;
    if (build)
      throw new UserError(
        'UnsupportedKind',
        'An environment that is built from a Dockerfile is not supported locally yet.',
        'Give it an image and a conda_file instead.',
        { file },
      );
    const condaFile = typeof conda === 'string' ? readFileSync(beside(file, conda), 'utf8') : conda ? JSON.stringify(conda) : undefined;
    const properties = { ...(image ? { image: String(image) } : {}), ...(condaFile ? { condaFile } : {}) };
    const hash = createHash('sha256').update(JSON.stringify(properties)).digest('hex').slice(0, 32);
    return this.once(
      `environment ${hash}`,
      async () => (await this.client.putAsset('environments', 'CliV2AnonymousEnvironment', hash, { ...properties, isAnonymous: true })).id,
    );
  }

  /** An input's path as a uri or id. */
  async data(file: string, given: string, type: string): Promise<string> {
    if (/^azureml:(?!\/\/)/.test(given) && !given.startsWith('azureml:/subscriptions'))
      return resolveAsset(this.client, type.endsWith('_model') ? 'models' : 'data', given);
    if (!isLocalPath(given)) return given.replace(/^azureml:(?=\/subscriptions)/, '');
    const local = beside(file, given);
    return this.once(`data ${local}`, () => uploadData(this.client, local, this.options));
  }

  /** A component file, or a component in place at `file`; answers its ARM id. Its version is its content, so a changed file is a new version. */
  async component(file: string, value: Record<string, any>, components: Map<string, Spec>): Promise<string> {
    const isPipeline = value.type === 'pipeline' || value.jobs !== undefined;
    const { $schema, ...spec } = value;
    if (isPipeline) spec.jobs = await this.steps(file, value.jobs, components);
    else {
      spec.type = 'command';
      const code = await this.code(file, value);
      const environment = await this.environment(file, value.environment);
      if (code) spec.code = `azureml:${code}`;
      else delete spec.code;
      spec.environment = environment.startsWith('/') ? `azureml:${environment}` : environment;
    }
    const hash = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 32);
    return this.once(
      `component ${hash}`,
      async () => (await this.client.putAsset('components', 'azureml_anonymous', hash, { componentSpec: spec, isAnonymous: true })).id,
    );
  }

  /** A pipeline's steps in ARM's shape, their components put first. */
  async steps(file: string, jobs: Record<string, any>, components: Map<string, Spec>): Promise<Record<string, any>> {
    const nodes: Record<string, any> = {};
    for (const [name, step] of Object.entries(jobs)) {
      const resolve = (given: string, type: string) => this.data(file, given, type);
      const own = components.get(name);
      if (own) {
        const id = await this.component(own.file, own.value, own.components);
        const type = step.type === 'sweep' ? 'sweep' : own.kind === 'pipelineComponent' ? 'pipeline' : 'command';
        nodes[name] = await stepToArm(name, step, type, id, resolve);
      } else if (step.type === 'sweep') {
        const { trial } = step;
        const id =
          typeof trial === 'string'
            ? await resolveAsset(this.client, 'components', trial)
            : await this.component(file, { name, ...trial }, new Map());
        nodes[name] = await stepToArm(name, step, 'sweep', id, resolve);
      } else if (typeof step.component === 'string') {
        const id = await resolveAsset(this.client, 'components', step.component);
        nodes[name] = await stepToArm(name, step, step.type ?? 'command', id, resolve);
      } else {
        const id = await this.component(file, step.component ?? componentOfStep(name, step), new Map());
        nodes[name] = await stepToArm(name, step, 'command', id, resolve);
      }
    }
    return nodes;
  }
}

/** A command in place as a component: bindings become typed inputs. */
function componentOfStep(name: string, step: Record<string, any>): Record<string, any> {
  const inputs = Object.fromEntries(
    Object.entries((step.inputs ?? {}) as Record<string, any>).map(([key, input]) => [
      key,
      {
        type:
          typeof input === 'object' && input !== null
            ? (input.type ?? 'uri_folder')
            : /parent\.jobs\./.test(String(input))
              ? 'uri_folder'
              : 'string',
      },
    ]),
  );
  const outputs = Object.fromEntries(
    Object.entries((step.outputs ?? {}) as Record<string, any>).map(([key, output]) => [
      key,
      { type: typeof output === 'object' && output !== null ? (output.type ?? 'uri_folder') : 'uri_folder' },
    ]),
  );
  const { command, code, environment, environment_variables, additional_includes } = step;
  return {
    name,
    type: 'command',
    command,
    environment,
    inputs,
    outputs,
    ...(code ? { code } : {}),
    ...(environment_variables ? { environment_variables } : {}),
    ...(additional_includes ? { additional_includes } : {}),
  };
}
