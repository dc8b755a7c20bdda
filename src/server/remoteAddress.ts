import type { Context } from 'hono';
import type { PlaneServices } from './services.ts';

/** The address that a request comes from: of a plane that a proxy publishes, what the proxy says (the last of `X-Forwarded-For`; others can be made up by the client). */
export function remoteAddress(c: Context, { publicUrl }: Pick<PlaneServices, 'publicUrl'>): string {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  const forwarded = publicUrl === undefined ? undefined : c.req.header('x-forwarded-for')?.split(',').pop()?.trim();
  return (forwarded || incoming?.socket?.remoteAddress) ?? '';
}
