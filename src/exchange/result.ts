import { UserError } from '../base/userError.ts';

/** What was written, by sort; what was there already does not count. */
export interface Counts {
  experiments: number;
  jobs: number;
  points: number;
  files: number;
  bytes: number;
  assets: number;
  models: number;
  versions: number;
  loggedModels: number;
}

/** Something that was not taken, by its name, and why. */
export interface Refusal {
  what: string;
  why: string;
  hint?: string;
}

/** What became of an import. */
export class Result {
  /** Things that were looked at: jobs, assets, models and versions. */
  seen = 0;
  readonly counts: Counts = {
    experiments: 0,
    jobs: 0,
    points: 0,
    files: 0,
    bytes: 0,
    assets: 0,
    models: 0,
    versions: 0,
    loggedModels: 0,
  };
  readonly refused: Refusal[] = [];
  private readonly onRefusal: (refusal: Refusal) => void;

  constructor(onRefusal: (refusal: Refusal) => void = () => {}) {
    this.onRefusal = onRefusal;
  }

  /** Does one thing of many. What can't be taken is noted by its name, and the rest goes on; what would stop all the others, such as a network that is away, is thrown. Says whether it went well. */
  async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof UserError) || stopsAll.has(error.code)) throw error;
      this.refuse(what, error);
      return false;
    }
  }

  refuse(what: string, { message, hint }: { message: string; hint?: string | undefined }): void {
    const refusal = { what, why: message, ...(hint ? { hint } : {}) };
    this.refused.push(refusal);
    this.onRefusal(refusal);
  }
}

const stopsAll: ReadonlySet<string> = new Set([
  'PlaneUnreachable',
  'RemoteError',
  'Unauthorized',
  'AuthorizationFailed',
  'Forbidden',
  'DiskFull',
  'StoreUnreachable',
  'QuotaExceeded',
  'TooManyRequests',
]);
