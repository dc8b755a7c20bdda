import { createHmac } from 'node:crypto';
import { type Principal, signedBy } from '../../../protocol/principal.ts';
import { isSameSecret } from '../../isSameSecret.ts';
import { StorageError } from './storageError.ts';

/** The letters of Azure's `sp`: read, add, create, write, delete, list. */
export type SasPermission = 'r' | 'a' | 'c' | 'w' | 'd' | 'l';

/** What a signed URL lets do: the whole container, or one blob of it. */
export interface SasGrant {
  container: string;
  blob?: string;
  permissions: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** In whose name the URL is signed, and for which workspace. */
  principal: Principal;
  workspace: string;
}

/** Signs URLs of the Blob subset and checks them. Form and names of the query are Azure's user delegation SAS, which says who signed
 * (`skoid`), for which tenant (`sktid`) and on what occasion (`scid`): here the principal, the workspace, and of a job its claim. The signature is our own HMAC over what is granted. */
export class SasSigner {
  private readonly key: Buffer;

  constructor(token: string) {
    this.key = createHmac('sha256', token).update('signed urls').digest();
  }

  /** The query text, without a leading `?`. */
  sign({ container, blob, permissions, expiresAt, principal, workspace }: SasGrant): string {
    const fields = {
      sv: '2021-08-06',
      sr: blob === undefined ? 'c' : 'b',
      sp: permissions,
      se: `${new Date(expiresAt).toISOString().slice(0, 19)}Z`,
      skoid: principal.id,
      sktid: workspace,
      ...(principal.kind === 'job' ? { scid: String(principal.claim) } : {}),
    };
    return new URLSearchParams({ ...fields, sig: this.signature(container, blob, fields) }).toString();
  }

  /**
   * Throws a 403 unless the query grants `permission` (one of the letters) on the container or blob, now. What is granted on the container `within`, where this one is a folder of it, is
   * granted here, too. Answers in whose name, in which workspace, and of a job by which claim.
   */
  check(
    query: URLSearchParams,
    container: string,
    blob: string,
    permissions: readonly SasPermission[],
    { within, now = Date.now() }: { within?: string; now?: number } = {},
  ): { principal: Principal; workspace: string; claim: number } {
    const [sr = '', sp = '', se = '', skoid = '', sktid = '', scid, sig] = ['sr', 'sp', 'se', 'skoid', 'sktid', 'scid', 'sig'].map(
      (key) => query.get(key) ?? undefined,
    );
    if (sig === undefined)
      throw new StorageError(403, 'AuthenticationFailed', 'The URL is not signed: it needs the query of a shared access signature.');
    const fields = { sv: query.get('sv') ?? '', sr, sp, se, skoid, sktid, scid };
    const isGranted =
      sr === 'b'
        ? isSameSecret(sig, this.signature(container, blob, fields))
        : sr === 'c' && [container, within ?? container].some((each) => isSameSecret(sig, this.signature(each, undefined, fields)));
    if (!isGranted)
      throw new StorageError(403, 'AuthenticationFailed', 'The signature of the URL is wrong, or it was made for another container.');
    if (!(Date.parse(se) > now))
      throw new StorageError(403, 'AuthenticationFailed', `The signature of the URL expired at ${se}. Ask for a new one.`);
    if (!permissions.some((each) => sp.includes(each)))
      throw new StorageError(
        403,
        'AuthorizationPermissionMismatch',
        `The signature of the URL grants "${sp}", and this needs "${permissions.join('" or "')}".`,
      );
    return { principal: signedBy(skoid), workspace: sktid, claim: Number(scid ?? 0) };
  }

  private signature(
    container: string,
    blob: string | undefined,
    { sv, sr, sp, se, skoid, sktid, scid }: Record<'sv' | 'sr' | 'sp' | 'se' | 'skoid' | 'sktid', string> & { scid?: string | undefined },
  ): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([container, blob ?? null, sv, sr, sp, se, skoid, sktid, scid ?? null]))
      .digest('base64');
  }
}
