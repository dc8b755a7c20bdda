/** Parts of a job in ARM's words. Names in YAML are snake_case, on the wire camelCase; on the wire of a pipeline's steps they stay snake_case. */
type Map = Record<string, any>;

/** Modes of inputs and outputs. */
export const modes: Record<string, string> = {
  ro_mount: 'ReadOnlyMount',
  mount: 'ReadOnlyMount',
  rw_mount: 'ReadWriteMount',
  download: 'Download',
  direct: 'Direct',
  eval_mount: 'EvalMount',
  eval_download: 'EvalDownload',
  upload: 'Upload',
};

const distributions: Record<string, string> = { pytorch: 'PyTorch', mpi: 'Mpi', tensorflow: 'TensorFlow', ray: 'Ray' };
const serviceTypes: Record<string, string> = { jupyter_lab: 'JupyterLab', ssh: 'SSH', tensor_board: 'TensorBoard', vs_code: 'VSCode' };
const identities: Record<string, string> = {
  managed: 'Managed',
  managed_identity: 'Managed',
  aml_token: 'AMLToken',
  user_identity: 'UserIdentity',
};

export const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The fields that have a value. */
export const given = (fields: Map): Map =>
  Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined && each !== null));

/** The keys of a map in camelCase; what stands below them stays. */
export const camelKeys = (value: Map): Map => Object.fromEntries(Object.entries(value).map(([key, each]) => [camel(key), each]));

const lower = (value: unknown): string => String(value).toLowerCase();

export function distributionToArm({ type, ...rest }: Map): Map {
  // The client sends its default along.
  const byDefault = lower(type) === 'tensorflow' ? { parameterServerCount: 0 } : {};
  return { distributionType: distributions[lower(type)] ?? type, ...byDefault, ...camelKeys(rest) };
}

export function resourcesToArm(resources: Map): Map {
  const { docker_args: args, ...rest } = resources;
  return { properties: {}, ...camelKeys(rest), ...(args === undefined ? {} : { dockerArgs: Array.isArray(args) ? args.join(' ') : args }) };
}

export function identityToArm({ type, ...rest }: Map): Map {
  return { identityType: identities[lower(type)] ?? type, ...camelKeys(rest) };
}

export function servicesToArm(services: Map): Map {
  return Object.fromEntries(
    Object.entries(services).map(([name, { type, nodes, log_dir: logs, ssh_public_keys: keys, properties, ...rest }]) => {
      const all = {
        ...properties,
        ...(logs === undefined ? {} : { logDir: logs }),
        ...(keys === undefined ? {} : { sshPublicKeys: keys }),
      };
      return [
        name,
        {
          jobServiceType: serviceTypes[lower(type)] ?? type,
          ...(lower(nodes) === 'all' ? { nodes: { nodesValueType: 'All' } } : {}),
          ...(Object.keys(all).length ? { properties: all } : {}),
          ...camelKeys(rest),
        },
      ];
    }),
  );
}

/** Seconds as Azure's client writes them: `PT15M`, `PT1H30S`, `P1DT2H`. A text that is one already stays. */
export function duration(timeout: number | string): string {
  const seconds = Number(timeout);
  if (!Number.isFinite(seconds)) return String(timeout);
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const [days, hours, minutes, rest] = parts as [number, number, number, number];
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${rest ? `${Number.isInteger(rest) ? rest : rest.toFixed(6)}S` : ''}`;
  return days || time ? `P${days ? `${days}D` : ''}${time ? `T${time}` : ''}` : 'PT0S';
}

/** A reference as it goes on the wire: `azureml:name:1` without its prefix, registries and addresses as they are. */
export const bareReference = (reference: string): string =>
  /^azureml:(?!\/\/)/.test(reference) ? reference.slice('azureml:'.length) : reference;
