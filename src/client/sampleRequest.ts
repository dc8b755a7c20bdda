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
  const example = await modelText(client, uri, 'serving_input_example.json', signal);
  if (example !== undefined) return example;
  const inputs = signatureInputs((await modelText(client, uri, 'MLmodel', signal)) ?? '');
  return json(inputs ? requestOf(inputs) : mlflow);
}

const script = { data: [[1, 2, 3]] };
const chat = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 };
const mlflow = { input_data: [[1, 2, 3]] };

const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** An input or output of a signature, as MLflow writes it: a column, or a tensor. */
export interface SignatureField {
  type?: unknown;
  name?: unknown;
  'tensor-spec'?: { dtype?: unknown; shape?: unknown };
}

/** The inputs that an `MLmodel` file says. */
export const signatureInputs = (mlmodel: string): SignatureField[] | undefined =>
  fieldsIn(/^signature:\s*\n(?:[ ]+.*\n)*?[ ]+inputs: '((?:[^']|'')*)'/m.exec(mlmodel)?.[1]);

/** The outputs that it says. */
export const signatureOutputs = (mlmodel: string): SignatureField[] | undefined =>
  fieldsIn(/^signature:\s*\n(?:[ ]+.*\n)*?[ ]+outputs: '((?:[^']|'')*)'/m.exec(mlmodel)?.[1]);

/** Of the YAML only one text is read, which MLflow writes as JSON between quotes, broken where a line is full. */
function fieldsIn(quoted: string | undefined): SignatureField[] | undefined {
  if (quoted === undefined) return undefined;
  try {
    const fields: unknown = JSON.parse(quoted.replaceAll("''", "'").replace(/\s*\n\s*/g, ' '));
    return Array.isArray(fields) && fields.length > 0 ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** A request of the shape of a signature, as Azure has it. */
export function requestOf(inputs: readonly SignatureField[]): { input_data: unknown } {
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

/** A text file in the folder of a model; undefined where it has none, or lies elsewhere. */
export async function modelText(client: PlaneClient, uri: string, name: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { container, path } = addressOf(`${uri.replace(/\/$/, '')}/${name}`);
    const text = await (await client.readBlob(container, path, { start: 0, end: mostRead }, signal)).text();
    return text.length > mostRead ? undefined : text;
  } catch (error) {
    if (signal?.aborted) throw error;
    // A model without the file, or one that lies elsewhere: there are other samples.
    return undefined;
  }
}
