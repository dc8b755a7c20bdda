const key = 'updraft.token';

/**
 * The token that the Studio's address carried in its fragment, which is taken out of the address bar and the history at once. Kept for this tab only; a further
 * tab asks the open ones for it, and has '' when none answers.
 */
export async function studioToken(): Promise<string> {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  // Who has signed in shows that by a cookie, which no script sees.
  if (given === null && isSignedIn()) return '';
  if (given !== null) {
    sessionStorage.setItem(key, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  const channel = new BroadcastChannel(key);
  const kept = given ?? sessionStorage.getItem(key) ?? (await ask(channel));
  if (kept) sessionStorage.setItem(key, kept);
  channel.onmessage = ({ data }) => {
    if (data === 'ask' && kept) channel.postMessage({ token: kept });
  };
  return kept;
}

/** The page was sent to somebody who has signed in with the identity provider. */
export const isSignedIn = (): boolean => document.getElementById('root')?.dataset.signedIn !== undefined;

/** A tab that is open answers within a few milliseconds. */
function ask(channel: BroadcastChannel): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), 300);
    channel.onmessage = ({ data }) => {
      if (typeof data?.token !== 'string') return;
      clearTimeout(timer);
      resolve(data.token);
    };
    channel.postMessage('ask');
  });
}
