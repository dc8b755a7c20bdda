import { UserError } from '../base/userError.ts';

const example = 'An address looks like https://updraft.example.org.';

/** The address of a shared plane as a person writes it: an origin, https everywhere but on this machine. Throws what is wrong with it. */
export function planeAddress(text: string): string {
  const wanted = text.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(wanted) ? wanted : `https://${wanted}`);
  } catch {
    throw new UserError('InvalidArgument', `"${wanted.slice(0, 200)}" is no address.`, example);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UserError('InvalidArgument', `A control plane is not reached by "${url.protocol}//".`, example);
  if (url.username || url.password)
    throw new UserError('InvalidArgument', 'The address has a name or a password in it.', 'Leave it out: how you sign in is asked next.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UserError(
      'InvalidArgument',
      `Over http anybody between here and ${url.hostname} could read your token.`,
      `Use https://${url.host}. Only a control plane on this machine is reached by http.`,
    );
  if (url.pathname !== '/' && !/^\/studio(\/|$)/.test(url.pathname))
    throw new UserError('InvalidArgument', `A control plane has no path: "${url.pathname}" is too much.`, `Did you mean ${url.origin}?`);
  return url.origin;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
