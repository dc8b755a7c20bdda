import { arch, availableParallelism, platform } from 'node:os';
import path from 'node:path';
import { type Context, Hono } from 'hono';
import { laterPart } from '../../base/laterPart.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { freeBytes } from '../../files/freeBytes.ts';
import type { BaseCandidate } from '../../finetuning/bases.ts';
import type { CountChats } from '../../finetuning/data/countTokens.ts';
import type { ExampleSource, ExampleSources, Use } from '../../finetuning/data/exampleFiles.ts';
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
const sources = laterPart(() => import('../../finetuning/data/exampleFiles.ts'));
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
      const found = await sourcesOf(training, signal).catch(unread);
      if ('error' in found) return c.json({ training: found } satisfies ExamplesAnswer);
      const trained = await readExamples(found.training!, signal).catch(unread);
      const answer: ExamplesAnswer = { training: 'error' in trained ? trained : trained.told };
      const isKnown = 'error' in trained ? undefined : (key: string) => trained.keys.has(key);
      const add = async (use: Exclude<Use, 'training'>, source: ExampleSource | { error: string } | undefined) => {
        if (!source) return;
        const examples = 'error' in source ? source : await readExamples(source, signal, isKnown).catch(unread);
        answer[use] = 'told' in examples ? examples.told : examples;
      };
      const given = validation === undefined ? undefined : await (await sources()).allExamples(validation, signal).catch(unread);
      await add('validation', given ?? found.validation);
      await add('test', found.test);
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
        const found = await sourcesOf(training, signal);
        if (validation !== undefined) found.validation = await (await sources()).allExamples(validation, signal);
        const count = (source: ExampleSource) => countTokens(source, countChats, signal);
        return {
          training: await count(found.training!),
          ...(found.validation ? { validation: await count(found.validation) } : {}),
          ...(found.test ? { test: await count(found.test) } : {}),
        };
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

/** The examples of the training data by their use. Some are always to learn from. */
async function sourcesOf(training: string, signal: AbortSignal): Promise<ExampleSources> {
  const found = await (await sources()).exampleFiles(training, signal);
  if (found.training) return found;
  throw new UserError('InvalidArgument', `The folder ${training} has files to validate and to test with, and none to learn from.`);
}

/** One file that can't be read keeps nobody from seeing the other. */
function unread(error: unknown): { error: string; hint?: string } {
  if (error instanceof UserError) return { error: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  if (error instanceof Error && 'code' in error) return { error: `The file can't be read: ${messageOf(error)}` };
  throw error;
}
