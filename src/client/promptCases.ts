import { check } from '../protocol/check.ts';
import { PromptCase, type PromptCaseBody } from '../protocol/promptCase.ts';
import type { Http } from './http.ts';

const address = '/updraft/prompt-cases';

/** Test cases for language models of the workspace, the newest first. */
export const listPromptCases = async (http: Http): Promise<PromptCase[]> =>
  (await http.json<{ value: unknown[] }>('GET', address)).value.map((each) => check(PromptCase, each, 'A test case'));

export const keepPromptCase = (http: Http, body: PromptCaseBody): Promise<PromptCase> => http.json('POST', address, body);

export const deletePromptCase = (http: Http, id: string): Promise<void> => http.json('DELETE', `${address}/${encodeURIComponent(id)}`);
