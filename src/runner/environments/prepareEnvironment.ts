import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import type { RunnerContext } from '../runnerContext.ts';
import { packagesOf } from './curatedEnvironments.ts';
import { type BuildOptions, type Requirements, virtualEnvironment } from './virtualEnvironment.ts';

/** What an environment id asks for. `requirements` is undefined when the machine's own programs do. */
export interface EnvironmentPlan {
  requirements: Requirements | undefined;
  notes: string[];
  /** What the environment is made of, for the reuse key. */
  content: string;
}

/** The plan of an environment id, read once. The runner forgets all when an environment changes. */
export function planOf({ client, plans }: Pick<RunnerContext, 'client' | 'plans'>, environmentId: string): Promise<EnvironmentPlan> {
  let plan = plans.get(environmentId);
  if (!plan) {
    plan = planEnvironment(client, environmentId);
    plans.set(environmentId, plan);
    plan.catch(() => plans.delete(environmentId));
  }
  return plan;
}

/** Reads the environment version behind the id, or the curated name. */
async function planEnvironment(client: PlaneClient, environmentId: string): Promise<EnvironmentPlan> {
  const asset = parseAssetId(environmentId);
  if (asset?.kind === 'environments' && !environmentId.includes('/registries/')) {
    const { properties } = await client.getAsset('environments', asset.name, asset.version);
    const content = JSON.stringify([properties.image ?? null, properties.condaFile ?? null]);
    if (properties.build)
      throw new UserError(
        'UnsupportedKind',
        `The environment ${asset.name}:${asset.version} is built from a Dockerfile, which is not supported locally yet.`,
        'Give it an image and a conda_file instead.',
      );
    if (properties.condaFile) {
      // Loaded only now: a plane starts without a parser of YAML.
      const { parseCondaFile } = await import('../../spec/condaFile.ts');
      const conda = parseCondaFile(properties.condaFile);
      const notes = conda.translated.length ? [`Conda packages installed by pip under the same name: ${conda.translated.join(', ')}.`] : [];
      if (properties.image) notes.push(`The image ${properties.image} is not used here: the packages run on this machine's Python.`);
      return { requirements: { python: conda.python, packages: [...conda.translated, ...conda.pip] }, notes, content };
    }
    const packages = properties.image ? packagesOf(properties.image) : undefined;
    if (packages)
      return {
        requirements: { python: undefined, packages },
        notes: [`The image ${properties.image} stands for ${packages.join(', ')} here.`],
        content,
      };
    return {
      requirements: undefined,
      notes: properties.image ? [`The image ${properties.image} is not used here: the command runs with this machine's own programs.`] : [],
      content,
    };
  }
  const packages = packagesOf(environmentId);
  if (packages)
    return {
      requirements: { python: undefined, packages },
      notes: [`The curated environment ${environmentId} stands for ${packages.join(', ')} here.`],
      content: environmentId,
    };
  throw new UserError(
    'AssetNotFound',
    `The environment "${environmentId}" is not known here.`,
    'Use an environment with a conda_file, or one of the curated names in the documentation.',
  );
}

/** The process environment in which the command finds its interpreter: a virtual environment's `bin` first, or what there is. */
export async function prepareEnvironment(plan: EnvironmentPlan, options: BuildOptions): Promise<Record<string, string>> {
  for (const note of plan.notes) options.onLine(note);
  if (!plan.requirements) return options.environment;
  const folder = await virtualEnvironment(plan.requirements, options);
  const separator = process.platform === 'win32' ? ';' : ':';
  const bin = process.platform === 'win32' ? `${folder}\\Scripts` : `${folder}/bin`;
  // Without its bytecode kept, which some machines ask for, every step would spend seconds on compiling the same packages.
  const { PYTHONHOME: _home, PYTHONDONTWRITEBYTECODE: _compileEachTime, ...rest } = options.environment;
  return { ...rest, VIRTUAL_ENV: folder, PATH: `${bin}${separator}${rest.PATH ?? ''}` };
}
