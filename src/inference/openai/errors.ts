import { type ErrorCode, UserError } from '../../base/userError.ts';
import type { OpenAiError } from '../../protocol/openAi.ts';

/** HTTP statuses of errors. OpenAI's clients try again after 5xx, and not after 4xx. What is not listed is 400. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  AuthorizationFailed: 403,
  NotFound: 404,
  InvalidModelFile: 422,
  DeviceFailed: 502,
  CommandFailed: 500,
  NotImplemented: 501,
  Interrupted: 502,
  RemoteError: 502,
  CommandNotStarted: 503,
  OutOfMemory: 503,
  PlaneUnreachable: 503,
  TimedOut: 504,
  DiskFull: 507,
};

/** An error as OpenAI answers it: https://platform.openai.com/docs/guides/error-codes. Of a defect of ours no more is told than that. */
export function openAiError(error: unknown): { body: OpenAiError; status: number } {
  const known = error instanceof UserError ? error : undefined;
  const status = known ? (statusOf[known.code] ?? 400) : 500;
  return {
    body: {
      error: {
        message: known?.describe() ?? 'Something went wrong inside the control plane. Its log (serve.log in the data folder) says more.',
        type: typeOf(status),
        param: null,
        code: known?.code === 'NotFound' ? 'model_not_found' : (known?.code ?? null),
      },
    },
    status,
  };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
