import type { Logger } from '../../base/logger.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { isTensor, type OpenedModel, type Tensor, type TensorMetadata, type ValueMetadata } from '../worker/onnxRuntime.ts';
import { givenInputs } from './givenInputs.ts';
import { jsonOfTensor } from './jsonOfTensor.ts';
import type { Served } from './served.ts';
import { isReadable, tensorParts, wantedText } from './tensorParts.ts';
import { wantedInputs } from './wantedInputs.ts';

/**
 * An ONNX model that takes numbers or texts as tensors: a classifier, a regressor, an export of scikit-learn. `/score` answers each output by its name, and that of a model with one output alone bare. Throws for
 * a model whose inputs no request can give.
 */
export function onnxService({ session, tensor }: OpenedModel, logger: Logger): Served {
  const inputs = session.inputMetadata.map(asWanted);
  const outputs = session.outputMetadata.filter(isTensor).map(({ name }) => name);
  const left = session.outputMetadata.filter((each) => !isTensor(each)).map(({ name }) => name);
  if (outputs.length === 0) throw new Error('none of its outputs is a tensor');
  if (left.length)
    logger.info(
      `not answered, since they are no tensors: ${left.join(', ')}. Export a scikit-learn classifier with "zipmap": False to get them.`,
    );
  logger.info(`${wantedText(inputs)} It answers ${outputs.join(', ')}.`);

  async function score(body: Record<string, unknown>): Promise<Response> {
    const { shape, given } = givenInputs(body);
    const sizes = new Map<string, number>();
    const feeds: Record<string, Tensor> = {};
    for (const { input, value, at } of wantedInputs(given, inputs, shape)) {
      const { data, dims } = tensorParts(value, input, at, sizes);
      feeds[input.name] = tensor(input.type, data, dims);
    }
    const made = await session.run(feeds, outputs).catch((error: unknown) => {
      throw new UserError('CommandFailed', `The model can't compute this: ${messageOf(error)}`, wantedText(inputs));
    });
    const answers = outputs.map((name) => [name, jsonOfTensor(made[name]!)] as const);
    const answer = answers.length === 1 ? answers[0]![1] : Object.fromEntries(answers);
    // Azure answers its own shapes with the bare predictions, MLflow its own with an object.
    return Response.json(shape === 'input_data' || shape === 'data' ? answer : { predictions: answer });
  }
  return { score, places: 'this model answers at /score' };
}

function asWanted(value: ValueMetadata): TensorMetadata {
  if (isTensor(value) && isReadable(value)) return value;
  throw new Error(`its input "${value.name}" is ${isTensor(value) ? `of the type ${value.type}` : 'no tensor'}, which no request can give`);
}
