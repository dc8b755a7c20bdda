import { arch, availableParallelism, platform } from 'node:os';
import path from 'node:path';
import { type Context, Hono } from 'hono';
import { laterPart } from '../../base/laterPart.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { freeBytes } from '../../files/freeBytes.ts';
import type { BaseCandidate } from '../../finetuning/bases.ts';
import type { CountChats } from '../../finetuning/data/countTokens.ts';
import { check } from '../../protocol/check.ts';
import {
  type BaseModels,
  type ExamplesAnswer,
  ExamplesRequest,
  PlanRequest,
  type TokensAnswer,
  TokensRequest,
  type TrainingPlan,
} from '../../protocol/finetuningForm.ts';
import type { LocalModel } from '../../protocol/localModels.ts';
import type { PlaneServices } from '../services.ts';
import { jsonBody } from './arm/request.ts';

const examples = laterPart(() => import('../../finetuning/data/readExamples.ts'));
const tokens = laterPart(() => import('../../finetuning/data/countTokens.ts'));
const bases = laterPart(() => import('../../finetuning/bases.ts'));
const plans = laterPart(() => import('../../finetuning/plan/trainingPlan.ts'));
const registeredModels = laterPart(() => import('../localModels/registeredBases.ts'));
const headers = laterPart(() => import('../../catalog/headers/readGguf.ts'));

/** Milliseconds for some thousand rows at most: a chat template is a program of the model's author. */
const patience = 60_000;

/** What the form that writes a fine-tuning job asks. Files of examples are read where they lie, on this machine, for its owner alone. */
export function finetuningRoutes({ localModels, models, blobs, publicUrl }: PlaneServices, dataFolder: () => string): Hono {
  /** A path of this machine says nothing to who comes from another one. */
  const mustBeHere = (c: Context) => {
    if (publicUrl !== undefined && c.get('origin') === new URL(publicUrl).origin)
      throw new UserError(
        'Forbidden',
        'Files of the machine of the control plane are read for who works on it.',
        'Open this page from there.',
      );
  };
  const registered = async () => new (await registeredModels()).RegisteredBases(path.join(dataFolder(), 'heads'), blobs);
  const modelNamed = async (c: Context, name: string): Promise<BaseCandidate & Pick<LocalModel, 'measured' | 'estimate'>> => {
    if (name.startsWith('azureml:')) {
      const found = await (await registered()).named(c.get('asked').store, name);
      if (!found) throw new UserError('NotFound', `${name} is no registered model with one GGUF file.`);
      return found;
    }
    const { models: all } = await (await localModels()).list();
    const model = all.find((each) => each.name === name && each.format === 'gguf');
    if (!model) throw new UserError('NotFound', `There is no GGUF model "${name}" on this machine.`);
    return model;
  };
  return new Hono()
    .get('/updraft/finetuning/bases', async (c) => {
      const { models: all } = await (await localModels()).list();
      const ofWorkspace = await (await registered()).list(c.get('asked').store);
      return c.json((await (await bases()).basesOf([...all, ...ofWorkspace])) satisfies BaseModels);
    })
    .post('/updraft/finetuning/data', async (c) => {
      mustBeHere(c);
      const { training, validation } = check(ExamplesRequest, await jsonBody(c), 'The request');
      const { signal } = c.req.raw;
      const { readExamples } = await examples();
      const trained = await readExamples(training, signal).catch(unread);
      const answer: ExamplesAnswer = { training: 'error' in trained ? trained : trained.told };
      if (validation !== undefined) {
        const isKnown = 'error' in trained ? undefined : (key: string) => trained.keys.has(key);
        const found = await readExamples(validation, signal, isKnown).catch(unread);
        answer.validation = 'error' in found ? found : found.told;
      }
      return c.json(answer);
    })
    .post('/updraft/finetuning/tokens', async (c) => {
      mustBeHere(c);
      const { model, training, validation } = check(TokensRequest, await jsonBody(c), 'The request');
      const { signal } = c.req.raw;
      const { files } = await modelNamed(c, model);
      const { countTokens } = await tokens();
      const { own } = await models();
      const answer = await own.withTokenizer(files[0]!, async (tokenizer): Promise<TokensAnswer> => {
        const countChats: CountChats = (chats) => {
          const limit = AbortSignal.timeout(patience);
          return tokenizer.countChats(chats, AbortSignal.any([signal, limit])).catch((error) => {
            if (!limit.aborted || signal.aborted) throw error;
            throw new UserError(
              'TimedOut',
              `The model's chat template was not written out within ${patience / 1000} s.`,
              'It may be one that never ends.',
            );
          });
        };
        const count = (file: string) => countTokens(file, countChats, signal);
        return { training: await count(training), ...(validation === undefined ? {} : { validation: await count(validation) }) };
      });
      return c.json(answer);
    })
    .post('/updraft/finetuning/plan', async (c) => {
      const request = check(PlanRequest, await jsonBody(c), 'The request');
      const { machine } = await (await localModels()).list();
      const { files, measured, estimate } = await modelNamed(c, request.model);
      const { readGgufHeader } = await headers();
      const { trainingPlan } = await plans();
      const speed = measured?.speed ?? estimate;
      const plan = trainingPlan(request, await readGgufHeader(files[0]!), {
        ...machine,
        cores: availableParallelism(),
        // What a GPU reads says nothing of what the processor trains.
        reads: speed && !machine.gpu ? { tokensPerSecond: speed.read, isMeasured: measured?.speed !== undefined } : undefined,
        platform: platform(),
        architecture: arch(),
        freeDisk: await freeBytes(dataFolder()),
      });
      return c.json(plan satisfies TrainingPlan);
    });
}

/** One file that can't be read keeps nobody from seeing the other. */
function unread(error: unknown): { error: string; hint?: string } {
  if (error instanceof UserError) return { error: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  if (error instanceof Error && 'code' in error) return { error: `The file can't be read: ${messageOf(error)}` };
  throw error;
}
