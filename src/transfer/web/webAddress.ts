import { UserError } from '../../base/userError.ts';
import { CutShort } from '../withRetries.ts';
import { networkOf } from './networkOf.ts';

const mostRedirects = 10;

/** How a process reaches the web. */
export interface Web {
  fetch: typeof fetch;
  /** Milliseconds without a byte after which a connection counts as cut; 30,000 when absent. */
  stallMs?: number;
}

/**
 * An address of the web, asked with the rules for what comes from there: only `https`, but on this machine itself; a redirect goes neither to `http` nor into
 * this machine or a private network, unless the given address is there itself; headers of the caller (keys) go to the given host alone.
 */
export class WebAddress {
  readonly url: URL;
  private readonly web: Web;
  private readonly headers: Record<string, string>;
  /** Where redirects led to: the next question goes there at once. */
  private end: URL | undefined;

  /** `isVerified`: the content's hash is known before, so that `http` does no harm. */
  constructor(
    address: string,
    web: Web,
    { headers = {}, isVerified = false }: { headers?: Record<string, string>; isVerified?: boolean } = {},
  ) {
    if (!URL.canParse(address)) throw new UserError('InvalidArgument', `${address} is no address.`);
    this.url = new URL(address);
    this.web = web;
    this.headers = { ...headers };
    if (this.url.username || this.url.password) {
      const [user, password] = [this.url.username, this.url.password].map(decodeURIComponent);
      this.headers.authorization ??= `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      this.url.username = '';
      this.url.password = '';
    }
    const isOpen = this.url.protocol === 'http:' && (isVerified || /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(this.url.hostname));
    if (this.url.protocol !== 'https:' && !isOpen)
      throw new UserError(
        'InvalidArgument',
        `${this.shown} is not https.`,
        'Anyone on the way could change what comes from there. Use an https address.',
      );
  }

  /** For messages: what follows the path may be a secret. */
  get shown(): string {
    return shown(this.url);
  }

  /** The answer with status 200 or 206, whose body ends with an error when the network falls silent. Throws for every other one. */
  async open(headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const known = this.end;
    if (known) {
      const response = await this.ask(known, headers, signal);
      if (response.ok) return response;
      // Where it led to may have been good for a while only.
      await response.body?.cancel().catch(() => {});
      this.end = undefined;
    }
    let at = this.url;
    for (let redirects = 0; ; redirects++) {
      const response = await this.ask(at, headers, signal);
      const location = response.headers.get('location');
      if (response.ok) {
        if (at !== this.url) this.end = at;
        return response;
      }
      await response.body?.cancel().catch(() => {});
      if (response.status < 300 || response.status >= 400 || location === null) throw this.refusal(at, response);
      if (redirects === mostRedirects)
        throw new UserError('InputUnavailable', `${this.shown} leads from one address to the next without an end.`);
      at = await this.next(at, location);
    }
  }

  private async ask(at: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Response> {
    const stall = new AbortController();
    const { fetch, stallMs = 30_000 } = this.web;
    const silence = () => stall.abort(new CutShort(`${shown(at)} sends nothing any more.`));
    let timer = setTimeout(silence, stallMs).unref();
    const own = at.origin === this.url.origin ? this.headers : {};
    try {
      const response = await fetch(at, {
        redirect: 'manual',
        // Packed on the way, neither sizes nor parts would be those of the file.
        headers: { 'accept-encoding': 'identity', ...own, ...headers },
        signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
      });
      clearTimeout(timer);
      const watched = response.body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          start() {
            timer = setTimeout(silence, stallMs).unref();
          },
          transform(chunk, controller) {
            timer.refresh();
            controller.enqueue(chunk);
          },
          flush: () => clearTimeout(timer),
        }),
      );
      return watched ? new Response(watched, response) : response;
    } catch (error) {
      clearTimeout(timer);
      if (stall.signal.aborted) throw stall.signal.reason;
      throw error;
    }
  }

  private async next(at: URL, location: string): Promise<URL> {
    if (!URL.canParse(location, at)) throw new UserError('InputUnavailable', `${shown(at)} leads to "${location}", which is no address.`);
    const next = new URL(location, at);
    const refused = (why: string) =>
      new UserError('Forbidden', `${shown(at)} leads to ${shown(next)}, ${why}: that is not followed.`, 'Get it from another source.');
    if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refused('which is no address of the web');
    if (at.protocol === 'https:' && next.protocol === 'http:') throw refused('where anyone on the way could change it');
    if (next.host === this.url.host) return next;
    const network = await networkOf(next);
    if (network !== 'public' && network !== (await networkOf(this.url)))
      throw refused(network === 'loopback' ? 'which is this machine itself' : 'which is in a private network');
    return next;
  }

  private refusal(at: URL, { status, headers }: Response): UserError {
    const said = headers.get('x-error-message');
    const what = `${shown(at)} answers ${status}${said ? ` (${said.slice(0, 300)})` : ''}`;
    if (status === 401)
      return new UserError('Unauthorized', `${what}: it wants to know who asks.`, 'Give a user or token that may read it.');
    if (status === 403)
      return new UserError('Forbidden', `${what}: it may not be read.`, 'Ask its owner for access, or get it from another source.');
    if (status === 404 || status === 410) return new UserError('NotFound', `${what}: there is no such file.`, 'Check the name.');
    // Code of trouble that may pass.
    if (status === 408 || status === 429 || status >= 500) return new UserError('RemoteError', `${what}.`, 'Try again later.');
    return new UserError('InputUnavailable', `${what}.`);
  }
}

const shown = (url: URL): string => `${url.origin}${url.pathname}`;

/** Says in words that a network failed; any other error stays as it is. */
export function asUnreachable(error: unknown, shown: string): unknown {
  const isNetwork = error instanceof CutShort || (error instanceof TypeError && error.cause !== undefined);
  if (!isNetwork) return error;
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return new UserError('RemoteError', `${shown} can't be reached: ${why}`, 'Check the network, or the settings of a proxy, and try again.');
}
