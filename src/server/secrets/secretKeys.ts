import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../../base/userError.ts';

/** A key of 256 bits. Its id is told in messages, and does not tell the key. */
export interface SecretKey {
  id: string;
  bytes: Buffer;
}

/** The keys that a server has. */
export interface SecretKeys {
  /** The first one encrypts. All decrypt. Throws where there is none. */
  all(): readonly SecretKey[];
  /** What to look at when a key is missing: a file, for messages. */
  place: string;
}

/** In the data folder of a plane that has its rows there, too. */
export const ownKeyFile = 'secrets-key';
/** Bytes of a key. */
const size = 32;
const howToMake = 'Make a key: openssl rand -base64 32.';

/** Keys in a file that was named: one a line, in Base64. Empty lines and those that begin with `#` are passed over. */
export function keysInFile(file: string): SecretKeys {
  const keys = parse(read(file), file);
  if (keys.length === 0)
    throw new UserError('InvalidValue', `The file ${file} has no key for secrets.`, `Write one a line, the newest first. ${howToMake}`);
  return { all: () => keys, place: file };
}

/** The key in a data folder. It is made when a secret is first kept, and never lies in a backup. */
export function keyOfDataFolder(dataFolder: string): SecretKeys {
  const file = path.join(dataFolder, ownKeyFile);
  let keys: SecretKey[] | undefined;
  const load = () => {
    try {
      writeFileSync(file, `${randomBytes(size).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return parse(read(file), file);
  };
  return { all: () => (keys ??= load()), place: file };
}

/** Several servers have no folder in common: they are given their key. */
export const noKeys: SecretKeys = {
  all: () => {
    throw new UserError(
      'InvalidRequest',
      'This control plane has no key for secrets, so it keeps none: its servers were started without one.',
      'Start all of them with --secrets-key-file FILE, and the same file.',
    );
  },
  place: 'the file that --secrets-key-file names',
};

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('InvalidArgument', `The file of the key for secrets can't be read: ${messageOf(error)}.`);
  }
}

function parse(text: string, file: string): SecretKey[] {
  return text.split(/\r?\n/).flatMap((line, at) => {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) return [];
    const bytes = Buffer.from(written, 'base64');
    // `Buffer` passes over what is no Base64.
    if (bytes.length !== size || bytes.toString('base64').replaceAll('=', '') !== written.replaceAll('=', ''))
      throw new UserError('InvalidValue', `Line ${at + 1} of ${file} is no key for secrets: that is ${size} bytes in Base64.`, howToMake);
    return [{ id: createHash('sha256').update('key of secrets').update(bytes).digest('hex').slice(0, 8), bytes }];
  });
}
