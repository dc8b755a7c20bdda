import { UserError } from '../base/userError.ts';

/**
 * A relative path that came from outside, decoded once and safe to use below a folder: no NUL, no drive, and no `..` in whatever spelling. A backslash is a letter of a
 * name, as on Linux. Answers it without empty parts.
 */
export function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.some(isTrick) || /^[a-z]:/i.test(path)) {
    throw new UserError(
      'InvalidRequest',
      `The path "${path.slice(0, 200)}" is not allowed.`,
      'Give a path relative to the folder, without "..".',
    );
  }
  return parts.join('/');
}

/** Whether a part is a step up, or ends early, for one who decodes once more than we do or for whom a backslash parts folders. */
function isTrick(part: string): boolean {
  const decoded = part.replaceAll(/%(2e|2f|5c|00)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return decoded.includes('\0') || decoded.split(/[/\\]/).includes('..');
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
