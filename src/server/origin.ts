import type { Context } from 'hono';
import type { PlaneServices } from './services.ts';

declare module 'hono' {
  interface ContextVariableMap {
    origin: string;
  }
}

/**
 * Under which origin links in an answer hold for who asked. On this machine it is what they came by: Azure's clients send their token over https alone, so links must be like that. Who
 * came through a proxy that ends TLS is sent on to where the plane is published.
 */
export const publicOrigin = (url: string, host: string, published: URL | undefined): string =>
  published !== undefined && host.toLowerCase() === published.host ? published.origin : new URL(url).origin;

/** The https origin for those clients that take no other: where the plane is published, for who came by it, or else this machine's own. */
export async function secureOrigin(c: Context, { publicUrl, secure }: Pick<PlaneServices, 'publicUrl' | 'secure'>): Promise<string> {
  const origin = originOf(c);
  return origin === publicUrl && origin.startsWith('https:') ? origin : (await secure.open()).url;
}

/** Origin for links of this answer. */
export const originOf = (c: Context): string => c.get('origin') ?? new URL(c.req.url).origin;
