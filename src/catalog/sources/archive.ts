import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { isModelFile } from '../headers/readHeader.ts';

export interface Extracting {
  /** What the file must have, in hex. */
  sha256?: string | undefined;
  signal?: AbortSignal | undefined;
}

export const brokenArchive = (archive: string): UserError =>
  new UserError(
    'InputUnavailable',
    `${path.basename(archive).replace(/^\./, '')} is damaged: it can't be unpacked.`,
    'Get it from another source.',
  );

/** `names`: what is in it. */
export function notInArchive(archive: string, name: string, names: readonly string[]): UserError {
  const models = names.filter(isModelFile).slice(0, 20);
  return new UserError(
    'NotFound',
    `There is no ${name} in the ${path.basename(archive).replace(/^\./, '')}.`,
    models.length ? `It has ${models.join(', ')}.` : 'There is no model in it.',
  );
}
