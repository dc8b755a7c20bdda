import { UserError } from '../../base/userError.ts';
import { answerRequest } from '../openai/answerRequest.ts';
import type { RunningModel } from '../worker/runningModel.ts';
import { openAiOf } from './languageModelService.ts';
import type { Served } from './served.ts';

/** A model that makes vectors of texts. `/score` takes a list of texts and answers the bare list of their vectors; a body with `input` is OpenAI's, and so is the answer. */
export function embedderService(model: RunningModel, name: string): Served {
  const openAi = openAiOf(model);
  return {
    openAi,
    async score(body, how) {
      const ask = (asked: Record<string, unknown>) => answerRequest('/embeddings', { ...asked, model: name }, openAi, how);
      if (body.input !== undefined) return ask(body);
      const answer = (await (await ask({ input: textsOf(body), truncate: body.truncate })).json()) as { data: { embedding: number[] }[] };
      return Response.json(answer.data.map(({ embedding }) => embedding));
    },
    places: 'a model that makes vectors of texts answers at /v1/embeddings and /score',
  };
}

function textsOf({ input_data, data }: Record<string, unknown>): unknown {
  const given = input_data ?? data;
  // A table has rows of one text each.
  const rows = (given as { data?: unknown } | undefined)?.data ?? given;
  const texts = Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) && row.length === 1 ? row[0] : row)) : rows;
  if (typeof texts === 'string' || (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === 'string')))
    return texts;
  throw new UserError('InvalidRequest', 'The body has no texts.', 'Send {"input_data": ["a text", "another one"]}.');
}
