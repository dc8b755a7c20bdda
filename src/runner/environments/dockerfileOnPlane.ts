import { laterPart } from '../../base/laterPart.ts';
import { UserError } from '../../base/userError.ts';
import { addressOf, filesOf } from '../../client/filesOf.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { packagesOf } from './curatedEnvironments.ts';
import type { EnvironmentPlan } from './prepareEnvironment.ts';

/** Text of files that are read to learn what a Dockerfile installs, at most. */
const mostBytes = 4 * 1024 * 1024;

const dockerfiles = laterPart(() => import('../../spec/dockerfile/readDockerfile.ts'));
const checks = laterPart(() => import('../../spec/checkBuild.ts'));

/** What an environment asks for that is built from a Dockerfile, whose context lies on the plane. Throws `UnsupportedKind` when it does more than add packages. */
export async function planDockerfile(client: PlaneClient, environment: string, build: unknown): Promise<EnvironmentPlan> {
  const { contextUri, dockerfilePath } = build as { contextUri?: string; dockerfilePath?: string };
  const { readDockerfile, refusalText } = await dockerfiles();
  const { buildHint, buildRefusal } = await checks();
  const name = dockerfilePath || 'Dockerfile';
  const refused = (why: string) =>
    new UserError('UnsupportedKind', buildRefusal(`${name} of the environment ${environment}`, why), buildHint);
  if (!contextUri?.startsWith('azureml:')) throw refused(`its context ${contextUri ?? ''} is not on this plane.`);
  const root = contextUri.replace(/\/+$/, '');
  const sizes = new Map((await filesOf(client, root)).map(({ path, size = 0 }) => [path, size]));
  const texts = new Map<string, string | undefined>();
  const read = async (path: string): Promise<string | undefined> => {
    if ((sizes.get(path) ?? Number.POSITIVE_INFINITY) > mostBytes) return undefined;
    const address = addressOf(`${root}/${path}`);
    return (await client.readBlob(address.container, address.path)).text();
  };
  const dockerfile = await read(name.replace(/^(?:\.?\/)+/, ''));
  if (dockerfile === undefined) throw refused('it is not in the build context.');
  // It is read again for as long as it asks for files that were not read yet.
  for (;;) {
    const wanted: string[] = [];
    const readText = (path: string) => {
      if (!texts.has(path)) wanted.push(path);
      return texts.get(path);
    };
    const found = readDockerfile(dockerfile, { readText, address: (path) => (path ? `${root}/${path}` : root) });
    for (const path of wanted) texts.set(path, await read(path));
    if (wanted.length > 0) continue;
    if ('refusal' in found) throw refused(refusalText(found.refusal));
    const { image, python, packages, variables } = found.plan;
    return {
      requirements: { python, packages: [...(packagesOf(image) ?? []), ...packages] },
      variables,
      notes: [`The image ${image} is not used here: what ${name} adds to it is installed in a virtual environment.`],
    };
  }
}
