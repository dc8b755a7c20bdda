import { UserError } from '../../../base/userError.ts';
import { type AssetKind, parseAssetId, type WorkspaceRef } from '../../../protocol/arm.ts';
import type { JobProperties } from '../../../protocol/job.ts';
import { parseOutputReference } from '../../../protocol/jobPlaces.ts';
import { isOfAzuresRegistry } from '../../../protocol/registry.ts';
import { wholeExpression } from '../../../spec/expression.ts';
import type { StoreReader } from '../../../store/store.ts';

/** A version of an asset that something names; `where` says what does, as the beginning of a sentence. */
interface Named {
  kind: AssetKind;
  name: string;
  version: string;
  where: string;
}

/** An output of a job that something names. */
interface NamedOutput {
  job: string;
  output: string;
  where: string;
}

/** As far as jobs and specs of components name something; what has not been checked may be anything. */
interface Naming {
  codeId?: unknown;
  code?: unknown;
  environmentId?: unknown;
  environment?: unknown;
  componentId?: unknown;
  inputs?: Record<string, { uri?: unknown; value?: unknown; job_input_type?: unknown } | undefined>;
  outputs?: Record<string, unknown>;
  trial?: Naming;
  jobs?: Record<string, Naming | undefined>;
}

const nouns: Record<AssetKind, string> = {
  codes: 'code',
  components: 'component',
  data: 'data asset',
  environments: 'environment',
  models: 'model',
};

/** What every job of Azure's has without declaring it. */
const undeclared = ['artifacts', 'default'];

/**
 * Refuses a job that names what is not there, a pipeline component that contains itself, or a step that reads what no step writes, before it is kept as a job that can't run. However many steps a pipeline has, each kind
 * of asset is looked up once, and once more for each level of components in components. What is used of a registry was brought to the workspace before (`registries/useOfRegistries.ts`); Azure's own environments are not looked up. Throws `AssetNotFound` or `InvalidReference`.
 */
export async function refuseMissing(job: JobProperties, ref: WorkspaceRef, store: StoreReader): Promise<void> {
  const { assets, outputs } = namedIn(job as Naming, 'The job', '');
  await refuseMissingOutputs(outputs, ref, store);
  const within = new Map<string, string[]>();
  const specs = new Map<string, Naming>();
  for (let wanted = assets; wanted.length > 0; ) {
    const inside: Named[] = [];
    for (const { label, spec } of await mustFind(wanted, ref, store)) {
      const parts = namedIn(spec, `The component "${label}"`, ` of the component "${label}"`).assets;
      specs.set(label, spec);
      within.set(label, parts.filter(({ kind }) => kind === 'components').map(labelOf));
      inside.push(...parts);
    }
    wanted = inside.filter((each) => each.kind !== 'components' || !within.has(labelOf(each)));
  }
  refuseCircles(within);
  refuseUnknownBindings((job as Naming).jobs ?? {}, specs);
}

const labelOf = ({ name, version }: { name: string; version: string }): string => `${name}:${version}`;

/** All that is named by a job or a component, its steps' too. `ofOwner` comes after the name of a step. */
function namedIn(naming: Naming, owner: string, ofOwner: string): { assets: Named[]; outputs: NamedOutput[] } {
  const assets: Named[] = [];
  const outputs: NamedOutput[] = [];
  // Many steps name the same ones.
  const parsed = new Map<unknown, ReturnType<typeof localAsset>>();
  const assetOf = (id: unknown) => {
    if (!parsed.has(id)) parsed.set(id, localAsset(id));
    return parsed.get(id);
  };
  const gather = ({ codeId, code, environmentId, environment, componentId, trial, inputs, jobs }: Naming, where: string): void => {
    const add = (id: unknown, kinds: AssetKind[], place = where) => {
      const asset = assetOf(id);
      if (asset && kinds.includes(asset.kind)) assets.push({ ...asset, where: place });
    };
    add(codeId ?? code, ['codes']);
    add(environmentId ?? environment, ['environments']);
    add(componentId, ['components']);
    if (trial) gather(trial, where);
    for (const [input, given] of Object.entries(inputs ?? {})) {
      const uri = given?.uri ?? (given?.job_input_type === 'literal' ? undefined : given?.value);
      const place = `The input "${input}" of ${where[0]!.toLowerCase()}${where.slice(1)}`;
      add(uri, ['data', 'models'], place);
      const output = typeof uri === 'string' ? parseOutputReference(uri) : undefined;
      if (output) outputs.push({ job: output.job, output: output.output, where: place });
    }
    for (const [step, node] of Object.entries(jobs ?? {})) if (node) gather(node, `The step "${step}"${ofOwner}`);
  };
  gather(naming, owner);
  return { assets, outputs };
}

/** The version of an asset behind an id of the workspace or of a registry; undefined for one that Azure alone has, and for what is none. */
function localAsset(id: unknown): Omit<Named, 'where'> | undefined {
  return typeof id === 'string' && !isOfAzuresRegistry(id) ? parseAssetId(id) : undefined;
}

/** Answers the specs of the components among what is named. */
async function mustFind(named: Named[], { workspace }: WorkspaceRef, store: StoreReader): Promise<{ label: string; spec: Naming }[]> {
  const components: { label: string; spec: Naming }[] = [];
  for (const [kind, ofKind] of Map.groupBy(named, (each) => each.kind)) {
    const byLabel = new Map(ofKind.map((each) => [labelOf(each), each]));
    for (const found of await store.resourcesNamed(kind, [...byLabel.values()])) {
      byLabel.delete(labelOf(found));
      if (kind === 'components') components.push({ label: labelOf(found), spec: (found.properties.componentSpec ?? {}) as Naming });
    }
    for (const [label, { name, version, where }] of byLabel) {
      // The SDK's word for the version that a component has when none is named.
      if (version === 'azureml_default' && (await store.latestVersion(kind, name))) continue;
      throw new UserError(
        'AssetNotFound',
        `${where} names the ${nouns[kind]} "${label}", which is not in the workspace ${workspace}.`,
        `Create the ${nouns[kind]} first, or name one that exists.`,
      );
    }
  }
  return components;
}

async function refuseMissingOutputs(named: NamedOutput[], { workspace }: WorkspaceRef, store: StoreReader): Promise<void> {
  if (named.length === 0) return;
  const jobs = new Map((await store.jobsNamed([...new Set(named.map(({ job }) => job))])).map((job) => [job.name, job]));
  for (const { job: name, output, where } of named) {
    const job = jobs.get(name);
    if (!job)
      throw new UserError('AssetNotFound', `${where} names an output of the job "${name}", which is not in the workspace ${workspace}.`);
    const declared = Object.keys(job.properties.outputs ?? {});
    if (declared.includes(output) || undeclared.includes(output)) continue;
    throw new UserError(
      'AssetNotFound',
      `${where} names the output "${output}" of the job "${name}", which has no such output.`,
      `It has ${declared.join(', ') || 'none'}.`,
    );
  }
}

/** Throws when a step reads of another what that one's component does not write. `specs` has the components that are known, by their labels. */
function refuseUnknownBindings(steps: Record<string, Naming | undefined>, specs: ReadonlyMap<string, Naming>): void {
  for (const [step, node] of Object.entries(steps))
    for (const [input, given] of Object.entries(node?.inputs ?? {})) {
      const bound = given?.value ?? given?.uri;
      const [root, scope, from = '', kind, ...output] = typeof bound === 'string' ? (wholeExpression(bound) ?? []) : [];
      if (root !== 'parent' || scope !== 'jobs') continue;
      const where = `The input "${input}" of the step "${step}"`;
      if (!Object.hasOwn(steps, from))
        throw new UserError(
          'InvalidReference',
          `${where} reads an output of the step "${from}", which the pipeline does not have.`,
          `It has ${Object.keys(steps).slice(0, 12).join(', ')}.`,
        );
      const component = localAsset(steps[from]?.componentId ?? steps[from]?.trial?.componentId);
      const spec = component && specs.get(labelOf(component));
      const name = output.join('.');
      if (!spec || kind !== 'outputs' || Object.hasOwn(spec.outputs ?? {}, name)) continue;
      throw new UserError(
        'InvalidReference',
        `${where} reads the output "${name}" of the step "${from}", whose component has no such output.`,
        `It has ${Object.keys(spec.outputs ?? {}).join(', ') || 'none'}.`,
      );
    }
}

/** Throws when a component is among the components that it is made of. `within` has the parts of each. */
function refuseCircles(within: ReadonlyMap<string, readonly string[]>): void {
  const free = new Set<string>();
  const visit = (label: string, above: readonly string[]): void => {
    if (free.has(label)) return;
    const path = [...above, label];
    if (above.includes(label))
      throw new UserError(
        'InvalidReference',
        `The pipeline component "${label}" contains itself: ${path.slice(path.indexOf(label)).join(' → ')}.`,
        'Take the step that leads back out of one of them.',
      );
    for (const part of within.get(label) ?? []) visit(part, path);
    free.add(label);
  };
  for (const label of within.keys()) visit(label, []);
}
