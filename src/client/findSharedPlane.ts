import { UserError } from '../base/userError.ts';
import { check } from '../protocol/check.ts';
import { Health } from '../protocol/plane.ts';
import type { Fetch } from './http.ts';

/** Asks at an address whether a control plane is there. Throws what is there instead, or why nothing answers. */
export async function findSharedPlane(url: string, fetch: Fetch = (input, init) => globalThis.fetch(input, init)): Promise<Health> {
  const host = new URL(url).host;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}/health`, { redirect: 'manual', signal: AbortSignal.timeout(15_000) });
    text = await response.text();
  } catch (error) {
    throw unreachable(url, error);
  }
  const notOurs = (what: string) =>
    new UserError(
      'InvalidArgument',
      `${what} answers at ${url}, and no control plane of Updraft.`,
      'Ask who runs your control plane for its address.',
    );
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
    throw new UserError(
      'InvalidArgument',
      `${host} sends requests on to ${response.headers.get('location')?.slice(0, 200) || 'another address'}, as a page for signing in does.`,
      'Give the address of the control plane itself, which answers without a detour.',
    );
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw notOurs(/^\s*</.test(text) ? 'A web page' : 'Something else');
  }
  if ((body as { product?: unknown } | null)?.product !== 'updraft') throw notOurs('Another program');
  try {
    return check(Health, body, 'The answer');
  } catch {
    throw new UserError(
      'InvalidArgument',
      `The control plane at ${url} is of a version that this one does not understand: ${String((body as { version?: unknown }).version ?? 'unknown').slice(0, 50)}.`,
      'Update the extension, or ask who runs the control plane to update it.',
    );
  }
}

/** What a control plane is that lets nobody in by this version's way. */
export const tooOld = (url: string, version: string): UserError =>
  new UserError(
    'InvalidArgument',
    `The control plane at ${url} has version ${version}, which is too old for this extension.`,
    'Ask who runs it to update it.',
  );

const certificate: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by nobody but itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'who signed it is not known to this machine',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'who signed it is not known to this machine',
  UNABLE_TO_GET_ISSUER_CERT: 'who signed it is not known to this machine',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'who signed it is not known to this machine',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

function unreachable(url: string, error: unknown): UserError {
  const { host, hostname } = new URL(url);
  const code = codeOf(error);
  if (code in certificate)
    return new UserError(
      'InvalidArgument',
      `The certificate of ${host} can't be trusted: ${certificate[code]}.`,
      "Install your organisation's certificate on this machine, or ask who runs the control plane for a good one. Nothing was sent.",
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new UserError(
      'PlaneUnreachable',
      `There is no machine called "${hostname}" in your network.`,
      'Look at the address, or connect to the network of your team.',
    );
  if (code === 'ECONNREFUSED')
    return new UserError('PlaneUnreachable', `Nothing answers at ${url}.`, 'Look at the port, or ask whether the control plane runs.');
  if (/^(ERR_SSL|EPROTO|ERR_TLS)/.test(code))
    return new UserError(
      'InvalidArgument',
      `${host} does not speak https.`,
      'Look at the port, or ask who runs the control plane for its address.',
    );
  return new UserError('PlaneUnreachable', `${url} does not answer.`, 'Look at the address and your network, then try again.');
}

/** The code of the error, or of what caused it. */
function codeOf(error: unknown): string {
  for (let at = error as { code?: unknown; cause?: unknown } | undefined, depth = 0; at && depth < 5; at = at.cause as typeof at, depth++)
    if (typeof at.code === 'string' && at.code !== 'UND_ERR') return at.code;
  return '';
}
