import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf, UserError } from '../../base/userError.ts';

/** How `updraft serve` is told of the mail server; `smtp` in team.yml. */
export interface SmtpOptions {
  host?: string;
  port?: number;
  user?: string;
  passwordFile?: string;
  from?: string;
}

/** The server that takes the plane's mail. */
export interface MailServer {
  host: string;
  port: number;
  user: string | undefined;
  password: string | undefined;
  from: string;
  /** On this machine, a connection need not be encrypted. */
  isLoopback: boolean;
}

const usualPort = 587;

/** An address of mail that can stand in a mail: one, without a name. */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+$/u.test(text);

/** @throws {UserError} where a part is missing or wrong. */
export function mailServerOf({ host, port, user, passwordFile, from }: SmtpOptions): MailServer | undefined {
  if ([host, port, user, passwordFile, from].every((each) => each === undefined)) return undefined;
  if (!host || !from)
    throw new UserError(
      'InvalidArgument',
      'Mail needs a server and a sender.',
      'Give both: --smtp-host and --smtp-from, or smtp.host and smtp.from.',
    );
  if (!isMailAddress(from))
    throw new UserError(
      'InvalidValue',
      `"${from.slice(0, 100)}" is no address that mail can come from.`,
      'Give smtp.from one such as updraft@example.org.',
    );
  if ((user === undefined) !== (passwordFile === undefined))
    throw new UserError(
      'InvalidArgument',
      'A mail server that asks for a user asks for a password, too.',
      'Give both: smtp.user and smtp.passwordFile.',
    );
  const name = host.toLowerCase();
  return {
    host,
    port: port || usualPort,
    user,
    password: passwordFile === undefined ? undefined : passwordIn(passwordFile),
    from,
    isLoopback: name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.')),
  };
}

function passwordIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UserError('InvalidArgument', `The file of the password for mail can't be read: ${messageOf(error)}.`);
  }
  if (text === '') throw new UserError('InvalidValue', `The file ${file} has no password.`);
  return text;
}
