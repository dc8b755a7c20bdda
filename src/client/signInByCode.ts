import { wait } from '../base/backOff.ts';
import { UserError } from '../base/userError.ts';
import { check } from '../protocol/check.ts';
import { DeviceAnswer, DeviceCode } from '../protocol/signIn.ts';
import type { Http } from './http.ts';
import { isPassing } from './isPassing.ts';

export type SignedIn = Extract<DeviceAnswer, { status: 'signedIn' }>;

const what = 'The answer of the control plane';

/** Asks the plane's identity provider for a code that a person enters in any browser (RFC 8628). Throws `NotFound` where people do not sign in with one. */
export async function askForCode(plane: Http): Promise<DeviceCode> {
  const code = check(DeviceCode, await plane.json('POST', '/sign-in/device', {}), what);
  for (const address of [code.verificationUri, code.verificationUriComplete ?? code.verificationUri])
    if (!/^https?:\/\//.test(address))
      throw new UserError('RemoteError', 'The address to sign in at is none of the web.', `Ask who operates ${plane.url}.`);
  return code;
}

/**
 * Waits until a person has entered the code. `machine` is what the token is called by, to be told apart from those of other machines. Throws `TimedOut` when nobody has in time, what the provider refuses, and the
 * reason of `signal` when that aborts.
 */
export async function waitForSignIn(
  plane: Http,
  code: DeviceCode,
  machine: string,
  signal = new AbortController().signal,
): Promise<SignedIn> {
  const until = Date.now() + code.expiresIn * 1000;
  let seconds = Math.max(code.interval, 1);
  while (Date.now() < until) {
    await wait(seconds * 1000, signal);
    signal.throwIfAborted();
    const answer = await plane.json('POST', '/sign-in/device/token', { ticket: code.ticket, machine: machine.slice(0, 80) }, signal).then(
      (given) => check(DeviceAnswer, given, what),
      (error) => {
        // A network that is away for a moment comes back while the code is still good.
        if (isPassing(error) || (error instanceof UserError && /Unreachable$/.test(error.code))) return { status: 'pending' as const };
        throw error;
      },
    );
    if (answer.status === 'signedIn') return answer;
    if (answer.status === 'slowDown') seconds += 5;
  }
  throw new UserError('TimedOut', 'Nobody has entered the code in time.', 'Sign in again.');
}
