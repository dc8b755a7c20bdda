import { plural } from '../base/text.ts';
import { UserError } from '../base/userError.ts';
import type { CommandJobProperties } from '../protocol/job.ts';
import type { Spread } from './executors/executor.ts';

/** How a job's command is spread over processes of one machine, the variables that all of them see, and what can't be had as it was asked for. */
export interface Distribution {
  spread: Spread | undefined;
  variables: Record<string, string>;
  notes: string[];
}

/** The most processes of one job. */
const most = 256;

type Wishes = Record<string, unknown>;

/** Reads a job's `distribution` and `resources`. Their keys are camelCase in a job, snake_case in a pipeline's step. `freePort` finds a port that is not in use. */
export async function distributionOf(
  { distribution, resources }: Pick<CommandJobProperties, 'distribution' | 'resources'>,
  freePort: () => Promise<number>,
): Promise<Distribution> {
  const wishes = snakeKeys(distribution);
  const notes = notesOf(snakeKeys(resources));
  const type = String(wishes.distribution_type ?? wishes.type ?? '').toLowerCase();
  if (!type) return { spread: undefined, variables: {}, notes };
  if (type !== 'pytorch' && type !== 'mpi' && type !== 'tensorflow')
    return {
      spread: undefined,
      variables: {},
      notes: [...notes, `distribution: ${type} is not used here: the command runs as one process.`],
    };
  const port = await freePort();
  const variables = {
    AZUREML_NODE_COUNT: '1',
    AZUREML_CR_NODE_COUNT: '1',
    AZUREML_CR_NODE_RANK: '0',
    AZ_BATCHAI_TASK_INDEX: '0',
    AZ_BATCH_HOST_LIST: host,
    AZ_BATCH_MASTER_NODE: `${host}:${port}`,
    AZ_BATCHAI_MPI_MASTER_NODE: host,
    MASTER_ADDR: host,
    MASTER_PORT: String(port),
    NODE_RANK: '0',
  };
  if (type === 'tensorflow') {
    const spread = await tensorflow(wishes, freePort);
    const servers = spread.processes.length - spread.awaited;
    const cluster = `${plural(spread.awaited, 'worker')}${servers ? ` and ${plural(servers, 'parameter server')}` : ''}`;
    return { spread, variables, notes: [...notes, `distribution: tensorflow starts ${cluster} on this machine.`] };
  }
  const count = wholeOf(wishes, 'process_count_per_instance', 1);
  notes.push(`distribution: ${type} starts ${plural(count, 'process', 'processes')} on this machine.`);
  const ranks = Array.from({ length: count }, (_each, rank) => String(rank));
  if (type === 'pytorch') {
    const processes = ranks.map((rank) => ({ RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: String(count), LOCAL_WORLD_SIZE: String(count) }));
    return { spread: { processes, awaited: count, byMpirun: false }, variables, notes };
  }
  const processes = ranks.map((rank) => ({
    OMPI_COMM_WORLD_RANK: rank,
    OMPI_COMM_WORLD_LOCAL_RANK: rank,
    OMPI_COMM_WORLD_SIZE: String(count),
    OMPI_COMM_WORLD_LOCAL_SIZE: String(count),
  }));
  return { spread: { processes, awaited: count, byMpirun: true }, variables, notes };
}

const host = '127.0.0.1';

/** Each worker and each parameter server is a process. The job has ended when its workers have: servers never end by themselves. */
async function tensorflow(wishes: Wishes, freePort: () => Promise<number>): Promise<Spread> {
  const workers = wholeOf(wishes, 'worker_count', 1);
  const servers = wholeOf(wishes, 'parameter_server_count', 0, 0);
  const addresses: string[] = [];
  while (addresses.length < workers + servers) addresses.push(`${host}:${await freePort()}`);
  const cluster = { worker: addresses.slice(0, workers), ...(servers ? { ps: addresses.slice(workers) } : {}) };
  const processes = addresses.map((_each, index) => {
    const task = index < workers ? { type: 'worker', index } : { type: 'ps', index: index - workers };
    return { TF_CONFIG: JSON.stringify({ cluster, task, environment: 'cloud' }) };
  });
  return { processes, awaited: workers, byMpirun: false };
}

function wholeOf(wishes: Wishes, key: string, byDefault: number, least = 1): number {
  // Nought means as little as "not given" to the client.
  const value = Number(wishes[key] || byDefault);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UserError(
      'InvalidValue',
      `distribution.${key} is ${JSON.stringify(wishes[key])}.`,
      `It is a whole number from ${least} to ${most}.`,
    );
  return value;
}

/** What of `resources` one machine that is no container can't give. Azure's own defaults, which its client sends along, are no wishes. */
function notesOf(wishes: Wishes): string[] {
  const notes: string[] = [];
  const count = Number(wishes.instance_count ?? 1);
  if (count > 1)
    notes.push(`resources.instance_count is ${count}, but there is one machine here: the job runs on it alone, as its only node.`);
  const others = Object.entries(wishes)
    .filter(([key, value]) => !['instance_count', 'properties'].includes(key) && !isDefault(key, value))
    .map(([key, value]) => `${key} (${inWords(value)})`);
  if (Object.keys((wishes.properties as object | undefined) ?? {}).length) others.push('properties');
  if (others.length)
    notes.push(
      `Not used here, since the command gets what this machine has and runs in no container: resources.${others.join(', resources.')}.`,
    );
  return notes;
}

/** A value of the job without the marks of JSON. */
const inWords = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(inWords).join(', ')
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, each]) => `${key}: ${inWords(each)}`)
          .join(', ')
      : String(value);

const isDefault = (key: string, value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (key === 'shm_size' && value === '2g') ||
  (key === 'max_instance_count' && value === 1);

const snakeKeys = (value: unknown): Wishes =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), each]))
    : {};
