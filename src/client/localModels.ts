import { check } from '../protocol/check.ts';
import {
  FindModelAnswer,
  FoundOnHub,
  FreedBytes,
  type GetModelRequest,
  hubTokenHeader,
  LocalModels,
  ModelDownload,
} from '../protocol/localModels.ts';
import type { Http } from './http.ts';

const path = '/updraft/models';

/** The ML models in files of the plane's machine, and those that can be got. `anew`: other programs may have brought or removed some. */
export const localModels = async (http: Http, anew = false): Promise<LocalModels> =>
  check(LocalModels, await http.json('GET', anew ? `${path}?anew=1` : path), 'The list of models');

/** A model at its source, with its licence, or those of a repository that has several. `hubToken`: a person's own token of the Hugging Face Hub, for models that ask for one. */
export const findModel = async (http: Http, model: string, hubToken?: string): Promise<FindModelAnswer> =>
  check(FindModelAnswer, await post(http, 'find', { model }, hubToken), 'What is told of the model');

/** Models of the Hugging Face Hub. */
export const searchModels = async (http: Http, text: string, hubToken?: string): Promise<FoundOnHub> =>
  check(FoundOnHub, await post(http, 'search', { text }, hubToken), 'What the search found');

/** Begins a download; how far it is, is told by the feed. */
export const getModel = async (http: Http, request: GetModelRequest, hubToken?: string): Promise<ModelDownload> =>
  check(ModelDownload, await post(http, 'downloads', request, hubToken), 'The download');

/** Ends a download. What has come is kept for the next try. */
export const cancelDownload = (http: Http, name: string): Promise<unknown> => post(http, 'cancel', { name });

/** Removes what came of a download that ended early; answers the bytes that this frees. */
export const forgetDownload = async (http: Http, name: string): Promise<number> =>
  check(FreedBytes, await post(http, 'forget', { name }), 'The answer').freedBytes;

/** Removes a model from Updraft's own store; answers the bytes that this frees. */
export const removeModel = async (http: Http, name: string): Promise<number> =>
  check(FreedBytes, await post(http, 'remove', { name }), 'The answer').freedBytes;

/** Begins to measure how fast a model is; what comes of it is told by the feed. */
export const measureModel = (http: Http, name: string): Promise<unknown> => post(http, 'measure', { name });

async function post(http: Http, what: string, body: object, hubToken?: string): Promise<unknown> {
  const response = await http.send('POST', `${path}/${what}`, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(hubToken ? { [hubTokenHeader]: hubToken } : {}) },
  });
  return http.jsonOf(response);
}
