import { baseModels, countTokens, lookAtExamples, trainingPlan } from '../../src/client/finetuningForm.ts';
import type { PlanRequest, TokensRequest } from '../../src/protocol/finetuningForm.ts';
import { useLive } from '../shared/live/useLive.ts';
import { useRead } from './useRead.ts';

/** Models to begin with; they change when one is got, removed or registered. */
export const useBases = () =>
  useLive(
    'bases',
    ({ http }) => baseModels(http),
    ({ kind }) => kind === 'localModel' || kind === 'model',
    400,
  );

const files = (training: string, validation: string) => ({ training, ...(validation ? { validation } : {}) });

/** What is in the files. `looks` counts how often they were asked for anew. */
export const useExamples = (training: string, validation: string, looks: number) =>
  useRead(
    JSON.stringify([training, validation, looks]),
    training ? (http, signal) => lookAtExamples(http, files(training, validation), signal) : undefined,
  );

/** Tokens of their rows, once there is a model and a program that counts. */
export const useTokens = (asked: { model: string; training: string; validation: string } | undefined, looks: number) =>
  useRead(
    JSON.stringify([asked, looks]),
    asked
      ? (http, signal) =>
          countTokens(http, { model: asked.model, ...files(asked.training, asked.validation) } satisfies TokensRequest, signal)
      : undefined,
  );

/** What a training would take, once it is known what it would train with. */
export const useTrainingPlan = (request: PlanRequest | undefined) =>
  useRead(JSON.stringify(request ?? null), request ? (http, signal) => trainingPlan(http, request, signal) : undefined);
