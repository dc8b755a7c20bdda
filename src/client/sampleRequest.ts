import { addressOf } from './filesOf.ts';
import type { PlaneClient, WorkspaceResource } from './planeClient.ts';
import { resolveUri } from './resolveUri.ts';

/** Bytes of a file of a model that are read. */
const mostRead = 200_000;

/** A request that a deployment is likely to take, to begin with: the example that was logged with its MLflow model, else one of the shape that its signature says. */
export async function sampleRequest(client: PlaneClient, { properties }: WorkspaceResource, signal?: AbortSignal): Promise<string> {
  const model = typeof properties.model === 'string' ? properties.model : undefined;
  if (model === undefined || properties.codeConfiguration?.scoringScript) return json(script);
  const uri = await resolveUri(client, model, signal);
  if (/\.gguf$/i.test(uri)) return json(chat);
  const example = await read(client, `${uri.replace(/\/$/, '')}/serving_input_example.json`, signal);
  if (example !== undefined) return example;
  const inputs = signatureInputs((await read(client, `${uri.replace(/\/$/, '')}/MLmodel`, signal)) ?? '');
  return json(inputs ? requestOf(inputs) : mlflow);
}

const script = { data: [[1, 2, 3]] };
const chat = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 };
const mlflow = { input_data: [[1, 2, 3]] };

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** An input of a signature, as MLflow writes it: a column, or a tensor. */
interface SignatureInput {
  type?: unknown;
  name?: unknown;
  'tensor-spec'?: { dtype?: unknown; shape?: unknown };
}

/** The inputs that an `MLmodel` file says. Of its YAML only this one text is read, which MLflow writes as JSON between quotes, broken where a line is full. */
export function signatureInputs(mlmodel: string): SignatureInput[] | undefined {
  const [, quoted] = /^signature:\s*\n(?:[ ]+.*\n)*?[ ]+inputs: '((?:[^']|'')*)'/m.exec(mlmodel) ?? [];
  if (quoted === undefined) return undefined;
  try {
    const inputs: unknown = JSON.parse(quoted.replaceAll("''", "'").replace(/\s*\n\s*/g, ' '));
    return Array.isArray(inputs) && inputs.length > 0 ? inputs : undefined;
  } catch {
    return undefined;
  }
}

/** A request of the shape of a signature, as Azure has it. */
export function requestOf(inputs: readonly SignatureInput[]): { input_data: unknown } {
  const [first] = inputs;
  const tensor = inputs.length === 1 ? first?.['tensor-spec'] : undefined;
  if (tensor) {
    // The first of its dimensions counts the rows.
    const [, ...row] = Array.isArray(tensor.shape) ? tensor.shape.map((size) => (Number(size) > 0 ? Math.min(Number(size), 1000) : 1)) : [];
    const filled = row.reduceRight<unknown>((inner, size) => Array.from({ length: size }, () => inner), 0);
    return { input_data: [filled] };
  }
  const columns = inputs.map(({ name }, index) => (typeof name === 'string' ? name : String(index)));
  return { input_data: { columns, index: [0], data: [inputs.map(({ type }) => values[String(type)] ?? 0)] } };
}

const values: Record<string, unknown> = { string: 'text', boolean: true, datetime: '2026-01-01T00:00:00', binary: '' };

async function read(client: PlaneClient, uri: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { container, path } = addressOf(uri);
    const text = await (await client.readBlob(container, path, { start: 0, end: mostRead }, signal)).text();
    return text.length > mostRead ? undefined : text;
  } catch (error) {
    if (signal?.aborted) throw error;
    // A model without the file, or one that lies elsewhere: there are other samples.
    return undefined;
  }
}
