import { check } from '../protocol/check.ts';
import {
  BaseModels,
  ExamplesAnswer,
  type ExamplesRequest,
  type PlanRequest,
  TokensAnswer,
  type TokensRequest,
  TrainingPlan,
} from '../protocol/finetuningForm.ts';
import type { Http } from './http.ts';

const path = '/updraft/finetuning';

/** Models that a fine-tuning can begin with, and those that it can't with the reasons. */
export const baseModels = async (http: Http): Promise<BaseModels> =>
  check(BaseModels, await http.json('GET', `${path}/bases`), 'The list of base models');

/** What is in files of examples on the plane's machine. */
export const lookAtExamples = async (http: Http, request: ExamplesRequest, signal?: AbortSignal): Promise<ExamplesAnswer> =>
  check(ExamplesAnswer, await http.json('POST', `${path}/data`, request, signal), 'What was read of the data');

/** How many tokens the rows of these files have for a base model. */
export const countTokens = async (http: Http, request: TokensRequest, signal?: AbortSignal): Promise<TokensAnswer> =>
  check(TokensAnswer, await http.json('POST', `${path}/tokens`, request, signal), 'The counts of tokens');

/** What a training would do on the plane's machine, and take. */
export const trainingPlan = async (http: Http, request: PlanRequest, signal?: AbortSignal): Promise<TrainingPlan> =>
  check(TrainingPlan, await http.json('POST', `${path}/plan`, request, signal), 'The estimate');
