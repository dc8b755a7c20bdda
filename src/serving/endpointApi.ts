import { requestOf, type SignatureField } from '../client/sampleRequest.ts';

/** What an endpoint is asked and answers, as its `swagger.json` says it. */
export interface EndpointApi {
  /** Of the deployment that it is told of. */
  title: string;
  input: Schema;
  output: Schema;
  /** Whether it answers OpenAI's API below `/v1`, too. */
  isChat: boolean;
}

type Schema = Record<string, unknown>;

/** Of an MLflow model, by its signature. */
export const apiOfSignature = (
  title: string,
  inputs: readonly SignatureField[],
  outputs: readonly SignatureField[] | undefined,
): EndpointApi => ({
  title,
  input: { type: 'object', required: ['input_data'], properties: { input_data: inputData(inputs) }, example: requestOf(inputs) },
  output: outputs ? answered(outputs) : {},
  isChat: false,
});

/** Of a language model. */
export const apiOfChat = (title: string): EndpointApi => ({
  title,
  input: {
    type: 'object',
    required: ['messages'],
    properties: {
      messages: {
        type: 'array',
        items: {
          type: 'object',
          required: ['role', 'content'],
          properties: { role: { type: 'string', enum: ['system', 'user', 'assistant', 'tool'] }, content: { type: 'string' } },
        },
      },
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      top_p: { type: 'number', minimum: 0, maximum: 1 },
      max_tokens: { type: 'integer', minimum: 1 },
      n: { type: 'integer', minimum: 1, maximum: 128 },
      seed: { type: 'integer' },
      stop: { type: 'array', items: { type: 'string' } },
      stream: { type: 'boolean' },
    },
    example: { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 },
  },
  output: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            index: { type: 'integer' },
            message: { type: 'object', properties: { role: { type: 'string' }, content: { type: 'string' } } },
            finish_reason: { type: 'string', enum: ['stop', 'length', 'tool_calls'] },
          },
        },
      },
      usage: {
        type: 'object',
        properties: { prompt_tokens: { type: 'integer' }, completion_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } },
      },
    },
  },
  isChat: true,
});

/**
 * The document that `GET /swagger.json` answers, with the names and words of Azure's own inference server (azureml-inference-server-http): Swagger 2.0, or with `version` 3 OpenAPI 3.0. `url` is the address
 * of the endpoint.
 */
export function swaggerOf({ title, input, output, isChat }: EndpointApi, url: string, version: 2 | 3): object {
  const { host, pathname, protocol } = new URL(url);
  const at = version === 2 ? '#/definitions/' : '#/components/schemas/';
  const ref = (name: string): Schema => ({ $ref: `${at}${name}` });
  const answer = (description: string, name: string) =>
    version === 2 ? { description, schema: ref(name) } : { description, content: { 'application/json': { schema: ref(name) } } };
  const description = 'The input payload for executing the real-time machine learning service.';
  const asked =
    version === 2
      ? { parameters: [{ name: 'serviceInputPayload', in: 'body', required: true, description, schema: ref('ServiceInput') }] }
      : { requestBody: { required: true, description, content: { 'application/json': { schema: ref('ServiceInput') } } } };
  const post = (operationId: string) => ({
    operationId,
    description: "Run web service's model and get the prediction output",
    security: [{ Bearer: [] }],
    ...asked,
    responses: {
      200: answer('The service processed the input correctly and provided a result prediction.', 'ServiceOutput'),
      default: answer('The service failed to execute due to an error.', 'ErrorResponse'),
    },
  });
  const paths = {
    '/score': { post: post('RunMLService') },
    ...(isChat ? { '/v1/chat/completions': { post: post('CreateChatCompletion') } } : {}),
  };
  const schemas = {
    ServiceInput: input,
    ServiceOutput: output,
    ErrorResponse: {
      type: 'object',
      properties: { error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } } },
    },
  };
  const info = { title, description: `API specification for the Azure Machine Learning service ${title}`, version: '1.0' };
  const key = { name: 'Authorization', in: 'header', type: 'apiKey', description: 'For example: Bearer abc123' };
  if (version === 3)
    return { openapi: '3.0.3', info, servers: [{ url }], paths, components: { schemas, securitySchemes: { Bearer: key } } };
  return {
    swagger: '2.0',
    info,
    host,
    basePath: pathname,
    schemes: [protocol.slice(0, -1)],
    consumes: ['application/json'],
    produces: ['application/json'],
    securityDefinitions: { Bearer: key },
    paths,
    definitions: schemas,
  };
}

/** As Azure's server for MLflow models takes it: rows of columns, or a tensor. */
function inputData(inputs: readonly SignatureField[]): Schema {
  const tensor = inputs.length === 1 ? inputs[0]!['tensor-spec'] : undefined;
  if (tensor) return tensorSchema(tensor);
  const names = inputs.map(({ name }, index) => (typeof name === 'string' ? name : String(index)));
  const types = [...new Map(inputs.map(({ type }) => schemaOf(type)).map((each) => [JSON.stringify(each), each])).values()];
  // Swagger 2.0 has no way to say that values are of one of several types: then they are any.
  const cells = types.length === 1 ? types[0]! : {};
  return {
    type: 'object',
    required: ['columns', 'data'],
    properties: {
      columns: { type: 'array', items: { type: 'string', enum: names } },
      index: { type: 'array', items: { type: 'integer' } },
      data: { type: 'array', items: { type: 'array', items: cells } },
    },
  };
}

/** What is answered: a list of values, of rows with columns, or a tensor. */
function answered(outputs: readonly SignatureField[]): Schema {
  const [first] = outputs;
  if (outputs.length === 1 && first!['tensor-spec']) return tensorSchema(first!['tensor-spec']);
  if (outputs.length === 1 && typeof first!.name !== 'string') return { type: 'array', items: schemaOf(first!.type) };
  const properties = Object.fromEntries(
    outputs.map(({ name, type }, index) => [typeof name === 'string' ? name : String(index), schemaOf(type)]),
  );
  return { type: 'array', items: { type: 'object', properties } };
}

function tensorSchema({ dtype, shape }: { dtype?: unknown; shape?: unknown }): Schema {
  const type: Schema = /^(?:str|object|<U)/.test(String(dtype))
    ? { type: 'string' }
    : /^(?:u?int)/.test(String(dtype))
      ? { type: 'integer' }
      : { type: String(dtype) === 'bool' ? 'boolean' : 'number' };
  const depth = Array.isArray(shape) ? Math.min(shape.length, mostDimensions) : 1;
  return Array.from({ length: depth }).reduce<Schema>((items) => ({ type: 'array', items }), type);
}

/** Of a tensor; a file may say any number. */
const mostDimensions = 16;

/** MLflow's types of columns. */
const types: Record<string, Schema> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  integer: { type: 'integer', format: 'int32' },
  long: { type: 'integer', format: 'int64' },
  float: { type: 'number', format: 'float' },
  double: { type: 'number', format: 'double' },
  datetime: { type: 'string', format: 'date-time' },
  binary: { type: 'string', format: 'byte' },
};

/** Types that are made of others are not told. */
const schemaOf = (type: unknown): Schema => (typeof type === 'string' && Object.hasOwn(types, type) ? types[type]! : {});
