import path from 'node:path';
import { laterPart } from '../../base/laterPart.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import type { EnvironmentVersion } from '../../protocol/asset.ts';
import { isOfAzuresRegistry } from '../../protocol/registry.ts';
import type { Place } from '../executors/executor.ts';
import type { RunnerContext } from '../runnerContext.ts';
import { packagesOf } from './curatedEnvironments.ts';
import { planDockerfile } from './dockerfileOnPlane.ts';
import { guarded } from './guarded.ts';
import { type JobsPrograms, programsOfEnvironment, programsOfMachine, writeProgramsOfMachine } from './jobPython.ts';
import { type BuildOptions, type Requirements, virtualEnvironment } from './virtualEnvironment.ts';

/** What an environment id asks for. `requirements` is undefined when the machine's own programs do. */
export interface EnvironmentPlan {
  requirements: Requirements | undefined;
  /** What a Dockerfile sets for every process. */
  variables: Record<string, string>;
  notes: string[];
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
  if (asset?.kind === 'environments' && !isOfAzuresRegistry(environmentId)) {
    const { properties } = await client.getAsset('environments', asset.name, asset.version);
    return properties.build
      ? planDockerfile(client, `${asset.name}:${asset.version}`, properties.build)
      : { variables: {}, ...(await planImage(properties)) };
  }
  const packages = packagesOf(environmentId);
  if (packages)
    return {
      requirements: { python: undefined, packages },
      variables: {},
      notes: [`The curated environment ${environmentId} stands for ${packages.join(', ')} here.`],
    };
  throw new UserError(
    'AssetNotFound',
    `The environment "${environmentId}" is not known here.`,
    'Use an environment with a conda_file, or one of the curated names in the documentation.',
  );
}

/** They bring the parser of YAML. */
const condaFiles = laterPart(() => import('../../spec/condaFile.ts'));
const condaReferences = laterPart(() => import('../../spec/condaReferences.ts'));

async function planImage({ image, condaFile }: EnvironmentVersion['properties']): Promise<Omit<EnvironmentPlan, 'variables'>> {
  if (condaFile) {
    const { parseCondaFile } = await condaFiles();
    const { refuseStrayPaths } = await condaReferences();
    const conda = parseCondaFile(condaFile);
    refuseStrayPaths(conda.pip);
    const notes = conda.translated.length ? [`Conda packages installed by pip under the same name: ${conda.translated.join(', ')}.`] : [];
    if (image) notes.push(`The image ${image} is not used here: the packages run on this machine's Python.`);
    return { requirements: { python: conda.python, packages: [...conda.translated, ...conda.pip] }, notes };
  }
  const packages = image ? packagesOf(image) : undefined;
  if (packages)
    return {
      requirements: { python: undefined, packages },
      notes: [`The image ${image} stands for ${packages.join(', ')} here.`],
    };
  return {
    requirements: undefined,
    notes: image ? [`The image ${image} is not used here: the command runs with this machine's own programs.`] : [],
  };
}

/**
 * The variables of a job's command, and the folders with its Python: that of the virtual environment that it asks for, or the machine's own. What the job installs goes
 * to `layer`.
 */
export async function prepareEnvironment(plan: EnvironmentPlan, layer: string, options: BuildOptions): Promise<JobsPrograms> {
  for (const note of plan.notes) options.onLine(note);
  const variables = { ...guarded(options.environment), ...plan.variables };
  if (!plan.requirements) {
    const folder = path.join(options.folder, 'tools', 'python-of-machine');
    writeProgramsOfMachine(folder);
    const programs = programsOfMachine(folder, layer);
    return { ...programs, variables: { ...variables, ...programs.variables } };
  }
  // Without its bytecode kept, which some machines ask for, every step would spend seconds on compiling the same packages.
  delete variables.PYTHONDONTWRITEBYTECODE;
  const programs = programsOfEnvironment(await virtualEnvironment(plan.requirements, options), layer);
  return { ...programs, variables: { ...variables, ...programs.variables } };
}

/** The same for a command on another machine, whose task has its files in `place`: it finds that machine's own Python. */
export function prepareElsewhere(plan: EnvironmentPlan, place: Place): JobsPrograms {
  writeProgramsOfMachine(path.join(place.here, 'programs'));
  const programs = programsOfMachine(path.posix.join(place.there, 'programs'), path.posix.join(place.there, 'python'));
  return { ...programs, variables: { ...guarded({}), ...plan.variables, ...programs.variables } };
}
