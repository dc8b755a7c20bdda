import type { Context } from 'hono';
import type { PlaneServices } from './services.ts';

declare module 'hono' {
  interface ContextVariableMap {
    origin: string;
  }
}

/**
 * The origin of the links in an answer. A client on this machine gets the origin that it used: Azure's clients send their token only over https, so their links must be https too. A client
 * that came through a proxy which ends TLS gets the published origin.
 */
export const publicOrigin = (url: string, host: string, published: URL | undefined): string =>
  published !== undefined && host.toLowerCase() === published.host ? published.origin : new URL(url).origin;

/** The https origin for those clients that take no other: where the plane is published, for who came by it, or else this machine's own. */
export async function secureOrigin(c: Context, services: Pick<PlaneServices, 'publicUrl' | 'secure'>): Promise<string> {
  return publishedOrigin(c, services) ?? (await services.secure.open()).url;
}

/** Where the plane is published by https, for who came by it. */
export function publishedOrigin(c: Context, { publicUrl }: Pick<PlaneServices, 'publicUrl'>): string | undefined {
  const origin = originOf(c);
  return origin === publicUrl && origin.startsWith('https:') ? origin : undefined;
}

/** Origin for links of this answer. */
export const originOf = (c: Context): string => c.get('origin') ?? new URL(c.req.url).origin;
