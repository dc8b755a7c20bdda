import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../base/logger.ts';
import { type ErrorCode, UserError } from '../base/userError.ts';
import { openAiError } from '../inference/openai/errors.ts';

const statusOf: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  NotFound: 404,
  AssetNotFound: 404,
  Conflict: 409,
  InvalidTransition: 409,
  Unauthorized: 401,
  Forbidden: 403,
  AuthorizationFailed: 403,
  RoleAssignmentExists: 409,
  DiskFull: 507,
  PlaneUnreachable: 503,
  StoreUnreachable: 503,
  NotImplemented: 501,
  ProviderUnreachable: 503,
  QuotaExceeded: 403,
  TooManyRequests: 429,
};

/** MLflow's codes: https://mlflow.org/docs/latest/rest-api.html and mlflow/protos/databricks.proto. */
const mlflowCode: Partial<Record<ErrorCode, string>> = {
  NotFound: 'RESOURCE_DOES_NOT_EXIST',
  AssetNotFound: 'RESOURCE_DOES_NOT_EXIST',
  Conflict: 'RESOURCE_ALREADY_EXISTS',
  Unauthorized: 'UNAUTHENTICATED',
  Forbidden: 'PERMISSION_DENIED',
  AuthorizationFailed: 'PERMISSION_DENIED',
  NotImplemented: 'NOT_IMPLEMENTED',
  QuotaExceeded: 'QUOTA_EXCEEDED',
};

/** MLflow answers a name that is taken with 400 (mlflow/exceptions.py), ARM with 409. */
const mlflowStatus: Partial<Record<ErrorCode, ContentfulStatusCode>> = { Conflict: 400, InvalidTransition: 400 };

/** A body that has more bytes than its route reads. */
const tooLarge = (error: unknown): UserError | undefined =>
  error instanceof HTTPException && error.status === 413
    ? new UserError('InvalidRequest', 'The body of the request is larger than it may be here.')
    : undefined;

/** Answers an error in the shape that the path's clients read: MLflow's, OpenAI's or ARM's. A defect of ours is logged and told without its stack. */
export function errorResponse(c: Context, error: unknown, logger: Logger): Response {
  const known = error instanceof UserError ? error : tooLarge(error);
  if (!known) logger.error(`${c.req.method} ${c.req.path}`, error);
  const status = known ? statusOfError(known) : 500;
  const message = known?.message ?? 'Something went wrong inside the control plane. Its log (serve.log in the data folder) says more.';
  if (isMlflow(c.req.path))
    return c.json(
      { error_code: known ? (mlflowCode[known.code] ?? 'INVALID_PARAMETER_VALUE') : 'INTERNAL_ERROR', message },
      (known && mlflowStatus[known.code]) ?? status,
    );
  if (isOpenAi(c.req.path)) {
    const answer = openAiError(error);
    return c.json(answer.body, answer.status as ContentfulStatusCode);
  }
  return c.json(
    {
      error: {
        code: known?.code ?? 'InternalError',
        message,
        target: null,
        details: [],
        additionalInfo: known?.hint ? [{ type: 'Hint', info: { hint: known.hint } }] : [],
      },
    },
    status,
  );
}

/** The status of an answer that says this. */
export const statusOfError = ({ code }: UserError): ContentfulStatusCode => statusOf[code] ?? 400;

/** Whether a path's clients read MLflow's errors. */
export const isMlflow = (path: string): boolean =>
  /^\/(?:ajax-)?api\/|^\/mlflow\/|^\/v1\/traces|^\/+(?:model-versions\/)?get-artifact|^\/graphql|^\/gateway\//.test(path);

/** Whether a path's clients read OpenAI's errors. */
const isOpenAi = (path: string): boolean => /^\/v1\/(?:models|chat|completions|embeddings)(?:\/|$)/.test(path);
