import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import { connect, type PostgresPlace } from './connection.ts';
import { lockKey } from './locks.ts';

/** What a server knows of its plane before it has looked into the database. */
export interface Joining {
  /** The plane that its data folder is of; undefined: of none yet. */
  id: string | undefined;
  /** The token that it was told; undefined: the plane's, whatever it is. */
  token: string | undefined;
  /** Takes `token`, or a new one, in the place of the plane's. */
  isTokenNew: boolean;
  /** The token that its data folder has: the plane's where it has none yet, or where it is kept nowhere else. */
  usualToken: string | undefined;
  /** Where contents are: the address of a bucket, or else what is only this server's. */
  contents: string;
  isBucket: boolean;
}

/** What the schema keeps of its plane. */
interface Kept {
  id: string;
  token: string | null;
  token_hash: string;
  contents: string;
}

/**
 * Makes this process a server of the plane that is in the schema, or begins a plane there. All servers of a plane have the same id and the same token, from which all its keys follow. Of a token that was given to the
 * server, the database keeps only the hash.
 * @throws {UserError} where the schema is another plane's, or this server would not see what others see.
 */
export async function joinPlane(place: PostgresPlace, joining: Joining): Promise<{ id: string; token: string }> {
  const client = await connect(place);
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(${lockKey(place.schema, 'plane')})`);
    const { rows } = await client.query('SELECT id, token, token_hash, contents FROM plane');
    const found = rows[0] as Kept | undefined;
    if (found) checkPlace(found, joining, place.schema);
    const id = found?.id ?? joining.id ?? randomUUID();
    const token =
      found && !joining.isTokenNew
        ? tokenOf(found, joining)
        : (joining.token ?? (joining.isTokenNew ? undefined : joining.usualToken) ?? newToken());
    if (!found || joining.isTokenNew) {
      await client.query('DELETE FROM plane');
      await client.query('INSERT INTO plane (id, token, token_hash, contents) VALUES ($1, $2, $3, $4)', [
        id,
        joining.token === undefined ? token : null,
        hashOf(token),
        joining.contents,
      ]);
    }
    await client.query('COMMIT');
    return { id, token };
  } finally {
    await client.end().catch(() => {});
  }
}

function checkPlace({ id, contents }: Kept, joining: Joining, schema: string): void {
  if (joining.id !== undefined && joining.id !== id)
    throw new UserError(
      'InvalidArgument',
      `The schema "${schema}" of the database belongs to another control plane (${id}).`,
      'Start it with the data folder of that plane or with a new one, or give this plane a schema of its own: postgres://HOST/DATABASE?schema=NAME.',
    );
  if (contents !== joining.contents) {
    const isOfBucket = /^https?:/.test(contents);
    throw isOfBucket
      ? new UserError(
          'InvalidArgument',
          `The contents of this control plane are in ${contents}${joining.isBucket ? `, not in ${joining.contents}` : ''}.`,
          `Start it with --blobs ${contents}, and with the key for it.`,
        )
      : new UserError(
          'InvalidArgument',
          'The contents of this control plane are in the data folder of another server, where this one would not find them.',
          'Several servers need their contents in a bucket: begin with --blobs s3://NAME. Or start the plane with that data folder.',
        );
  }
}

/** The token of a plane that is there. */
function tokenOf({ token, token_hash }: Kept, joining: Joining): string {
  if (joining.token !== undefined && hashOf(joining.token) !== token_hash)
    throw new UserError(
      'InvalidArgument',
      'This control plane has another token: what one of its servers signs, the others would refuse.',
      'Give the same to all servers, or replace the one of the plane with --new-token.',
    );
  const known = [joining.token, token, joining.usualToken].find((each) => each && hashOf(each) === token_hash);
  if (!known)
    throw new UserError(
      'InvalidArgument',
      'The token of this control plane is not kept in its database.',
      'Give the one that its other servers have: --token-file FILE.',
    );
  return known;
}

const newToken = (): string => randomBytes(32).toString('base64url');

/** Tokens are random and long, so that their hash needs no salt. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
