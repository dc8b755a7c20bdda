import { UserError } from '../base/userError.ts';

const codeOf = (error: unknown): string | undefined => (error instanceof UserError ? error.code : undefined);

/** Whether a request found nobody, or its answer was cut off. */
export const isUnreachable = (error: unknown): boolean => ['PlaneUnreachable', 'ComputeUnreachable'].includes(codeOf(error) ?? '');

/** Whether the same request may go well later: the network, the plane or a compute was in trouble. Everything else is an answer. */
export const isPassing = (error: unknown): boolean => isUnreachable(error) || ['RemoteError', 'DiskFull'].includes(codeOf(error) ?? '');
