import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A refusal of the Blob subset. `code` is one of Azure's: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
export class StorageError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
