/** Where in a file a problem is. `line` and `column` count from 1. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
}

/**
 * A problem a person can act on: `message` says what is wrong and where, `hint` what to do.
 * `code` is a stable name from `errorCodes`. Everything else that is thrown is a defect of ours and goes to the log.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: Place | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, place?: Place) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.place = place;
  }

  /** Message and hint as they are shown to a person, the hint on a line of its own. */
  describe(): string {
    const at = this.place ? `${this.place.file}${this.place.line ? `:${this.place.line}` : ''}: ` : '';
    return this.hint ? `${at}${this.message}\n${this.hint}` : `${at}${this.message}`;
  }
}

/** Every code a `UserError` can carry. One list, so that documentation and tests can enumerate it. */
export const errorCodes = [
  'YamlSyntax',
  'UnknownKey',
  'UnknownKind',
  'UnsupportedKind',
  'KindMismatch',
  'IgnoredKey',
  'DuplicateKey',
  'DuplicateName',
  'WrongType',
  'InvalidValue',
  'OutOfRange',
  'InvalidName',
  'MissingField',
  'MissingFile',
  'MissingInput',
  'UnknownInput',
  'UnusedInput',
  'TypeMismatch',
  'InvalidReference',
  'InvalidExpression',
  'SingleBraces',
  'OptionalInput',
  'OutputNotReady',
  'NoCompute',
  'UnboundOutput',
  'Cycle',
  'AssetNotFound',
  'Deprecated',
  'SecretInFile',
  'LocalDifference',
  'NotFound',
  'Forbidden',
  'AuthorizationFailed',
  'RoleAssignmentExists',
  'PrincipalNotFound',
  'Conflict',
  'InvalidTransition',
  'SnapshotTooLarge',
  'PythonNotFound',
  'EnvironmentFailed',
  'CommandFailed',
  'CommandNotStarted',
  'OutOfMemory',
  'ComputeUnreachable',
  'OutputMissing',
  'InputUnavailable',
  'TimedOut',
  'Canceled',
  'Interrupted',
  'StepFailed',
  'DiskFull',
  'PortInUse',
  'DataFolderNewer',
  'DataFolderInUse',
  'PlaneUnreachable',
  'PlaneNotStarted',
  'StoreUnreachable',
  'WebhookUnreachable',
  'ProviderUnreachable',
  'Unauthorized',
  'QuotaExceeded',
  'TooManyRequests',
  'InvalidRequest',
  'NotImplemented',
  'InvalidArgument',
  'InvalidModelFile',
  'DeviceFailed',
  'UntrustedFolder',
  'RemoteError',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The text of any thrown value for a person: a `UserError`'s own words, else the plain message without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.describe();
  return error instanceof Error ? error.message : String(error);
}
