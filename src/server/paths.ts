import { UserError } from '../base/userError.ts';

/**
 * A relative path that came from outside, decoded once and safe to use below a folder: no `..`, no absolute path, no NUL, no backslash.
 * Answers it without empty parts.
 */
export function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  // What still looks encoded after decoding was encoded twice, which no client of ours does and path tricks do.
  if (parts.some((part) => part === '..' || /[\0\\]/.test(part) || /%(?:2e|2f|5c|00)/i.test(part)) || /^[a-z]:/i.test(path)) {
    throw new UserError(
      'InvalidRequest',
      `The path "${path.slice(0, 200)}" is not allowed.`,
      'Give a path relative to the folder, without "..".',
    );
  }
  return parts.join('/');
}

/** The rest of a request's path after `prefix`, decoded. */
export function pathAfter(path: string, prefix: string): string {
  try {
    return safePath(decodeURIComponent(path.slice(prefix.length)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('InvalidRequest', 'The path is not validly encoded.');
  }
}

/** A job's or asset's name as part of a file name: letters, digits, `_`, `-`, `.`; at most 255, not starting with a dot. */
export function safeName(name: string, what: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/.test(name))
    throw new UserError(
      'InvalidRequest',
      `"${name.slice(0, 100)}" is no valid ${what} name.`,
      'Use letters, digits, "_", "-" and ".", at most 255.',
    );
  return name;
}
