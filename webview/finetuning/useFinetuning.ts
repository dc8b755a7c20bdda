import { baseModels, countTokens, lookAtExamples, trainingPlan } from '../../src/client/finetuningForm.ts';
import type { PlanRequest } from '../../src/protocol/finetuningForm.ts';
import { useLive } from '../shared/live/useLive.ts';

const never = () => false;

/** Models to begin with; those of this machine change when one is got or removed. */
export const useBases = () =>
  useLive(
    'bases',
    ({ http }) => baseModels(http),
    ({ kind }) => kind === 'localModel' || kind === 'model',
    400,
  );

/** What is in the files. `looks` counts how often they were asked for anew. */
export const useExamples = (training: string, validation: string, looks: number) =>
  useLive(
    `examples ${JSON.stringify([training, validation, looks])}`,
    async ({ http }) => (training ? lookAtExamples(http, { training, ...(validation ? { validation } : {}) }) : undefined),
    never,
  );

/** Tokens of their rows, once there is a model and a program that counts. */
export const useTokens = (asked: { model: string; training: string; validation: string } | undefined, looks: number) =>
  useLive(
    `tokens ${JSON.stringify([asked, looks])}`,
    async ({ http }) => {
      if (!asked) return undefined;
      const { model, training, validation } = asked;
      return countTokens(http, { model, training, ...(validation ? { validation } : {}) });
    },
    never,
  );

/** What a training would take, once it is known what it would train with. */
export const useTrainingPlan = (request: PlanRequest | undefined) =>
  useLive(`plan ${JSON.stringify(request)}`, async ({ http }) => (request ? trainingPlan(http, request) : undefined), never);
