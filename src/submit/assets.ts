import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { sha256Of } from '../files/hash.ts';
import { workspacePath } from '../protocol/arm.ts';
import { parseRegistryId } from '../protocol/registry.ts';
import { bareReference } from '../spec/armParts.ts';
import { withReferences } from '../spec/condaReferences.ts';
import type { FileSource } from '../spec/diagnostic.ts';
import { bareEnvironmentName } from '../spec/environmentName.ts';
import { loadSpec } from '../spec/load.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import type { Destination } from './destination.ts';
import { localFiles } from './localFiles.ts';
import { type Names, namesOf } from './names.ts';

interface Build {
  contextUri: string;
  dockerfilePath?: string;
}

/** Puts at a destination what a YAML file refers to, and answers ids and uris. One instance serves one submission, so that nothing is sent twice. */
export class AssetUploader {
  private readonly client: PlaneClient;
  private readonly destination: Destination;
  private readonly files: FileSource;
  private readonly names: Names;
  private readonly sent = new Map<string, Promise<string>>();

  constructor(client: PlaneClient, destination: Destination, files: FileSource = localFiles, names: Names = namesOf(client)) {
    this.client = client;
    this.destination = destination;
    this.files = files;
    this.names = names;
  }

  private once(key: string, send: () => Promise<string>): Promise<string> {
    let result = this.sent.get(key);
    if (!result) {
      result = send();
      this.sent.set(key, result);
    }
    return result;
  }

  /** The code of a command at `file`: its folder and what is included. Undefined where there is neither. */
  async code(file: string, value: Record<string, any>): Promise<string | undefined> {
    const { code, additional_includes: includes = [] } = value;
    if (typeof code === 'string' && !isLocalPath(code)) return this.names.asset('codes', code);
    const folder = typeof code === 'string' ? beside(file, code) : undefined;
    const extra = (includes as string[]).map((each) => beside(file, each));
    if (folder === undefined && extra.length === 0) return undefined;
    return this.once(`code ${folder} ${extra}`, () => this.destination.code(folder, extra));
  }

  /** An environment by name, by file or in place. A curated name stays as it is. */
  async environment(file: string, environment: unknown): Promise<string> {
    if (typeof environment === 'string') {
      if (bareEnvironmentName(environment)) return environment;
      if (environment.startsWith('azureml:')) return this.names.asset('environments', environment);
      const at = beside(file, environment);
      const { spec } = loadSpec(at, this.files, { mustBeOurs: true });
      if (!spec)
        throw new UserError(
          'MissingFile',
          `The environment ${environment} can't be read.`,
          'Write azureml:NAME:VERSION, or the path of an environment file.',
          { file },
        );
      return this.environment(at, spec.value);
    }
    const { image, ...parts } = (environment ?? {}) as Record<string, any>;
    const properties = { ...(image ? { image: String(image) } : {}), ...(await this.environmentParts(file, parts)) };
    const hash = sha256Of(JSON.stringify(properties)).slice(0, 32);
    return this.once(`environment ${hash}`, () =>
      this.destination.asset('environments', 'CliV2AnonymousEnvironment', hash, { ...properties, isAnonymous: true }),
    );
  }

  /** An environment's conda file and build context as a plane takes them: what they name beside them is put there. */
  async environmentParts(file: string, { conda_file: conda, build }: Record<string, any>): Promise<{ condaFile?: string; build?: Build }> {
    return {
      ...(conda ? { condaFile: await this.conda(file, conda) } : {}),
      ...(build ? { build: await this.build(file, build) } : {}),
    };
  }

  /** The text of a conda file, or of one that stands in `file`. */
  private async conda(file: string, conda: unknown): Promise<string> {
    const at = typeof conda === 'string' ? beside(file, conda) : file;
    const text = typeof conda === 'string' ? this.files.readText(at) : JSON.stringify(conda);
    if (text === undefined)
      throw new UserError('MissingFile', `The conda file ${conda} can't be read.`, 'Paths are relative to the file that names it.', {
        file,
      });
    return withReferences(text, at, this.files, (local) => this.destination.data(local));
  }

  /** Where the plane has a Dockerfile and what lies beside it. */
  private async build(file: string, { path, dockerfile_path: dockerfile }: Record<string, any>): Promise<Build> {
    const context = String(path ?? '.');
    return {
      contextUri: isLocalPath(context) ? await this.destination.data(beside(file, context)) : context,
      ...(dockerfile ? { dockerfilePath: String(dockerfile) } : {}),
    };
  }

  /** An input's path as a uri or id. */
  async data(file: string, given: string, type: string): Promise<string> {
    if (parseRegistryId(given)) return this.names.asset(type.endsWith('_model') ? 'models' : 'data', given);
    if (/^azureml:(?!\/\/)/.test(given) && !given.startsWith('azureml:/subscriptions'))
      return this.names.asset(type.endsWith('_model') ? 'models' : 'data', given);
    if (!isLocalPath(given)) return given.replace(/^azureml:(?=\/subscriptions)/, '');
    const local = beside(file, given);
    return this.once(`data ${local}`, () => this.destination.data(local));
  }

  /** A compute by name, as ARM names it. */
  compute(name: string): string {
    const bare = bareReference(name);
    if (bare.startsWith('/')) return bare;
    const there = this.names.compute(bare);
    return there === 'local' ? there : `${workspacePath(this.client.workspace)}/computes/${there}`;
  }

  /** A component as its YAML, everything in it in its place; answers its ARM id. Its version is its content, so a changed file is a new version. */
  component(spec: Record<string, any>): Promise<string> {
    const { $schema: _schema, ...componentSpec } = spec;
    const hash = sha256Of(JSON.stringify(componentSpec)).slice(0, 32);
    return this.once(`component ${hash}`, () =>
      this.destination.asset('components', 'azureml_anonymous', hash, { componentSpec, isAnonymous: true }),
    );
  }

  /** A component of the plane, by reference. */
  registered = (reference: string): Promise<string> => this.names.asset('components', reference);
}
