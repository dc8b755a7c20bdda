import { check } from '../protocol/check.ts';
import { type TunedModel, TunedModels } from '../protocol/tunedModels.ts';
import type { Http } from './http.ts';

/** The registered adapters of the workspace, or the versions of one model that are such. */
export const tunedModels = async (http: Http, name?: string): Promise<TunedModel[]> =>
  check(
    TunedModels,
    await http.json('GET', `/updraft/tuned-models${name === undefined ? '' : `?${new URLSearchParams({ name })}`}`),
    'The list of tuned models',
  ).models;
