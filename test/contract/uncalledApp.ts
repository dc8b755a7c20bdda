import type { Hono } from 'hono';
import { silentLogger } from '../../src/base/logger.ts';
import { createApp } from '../../src/server/app.ts';
import type { PlaneServices } from '../../src/server/services.ts';

/** Services of a plane that nobody calls. */
export const uncalledServices = { logger: silentLogger } as PlaneServices;

/** All routes of a plane, to be looked at: none of them is called. */
export const uncalledApp = (): Hono =>
  createApp({
    services: uncalledServices,
    token: 'token',
    version: '0.0.0',
    id: 'plane',
    studioFolder: '',
    status: () => ({ dataFolder: '', startedAt: '', clients: 0 }),
    onStop: () => {},
    onRequest: () => {},
    onFeed: () => () => {},
    whyNotReady: async () => undefined,
    monitor: async () => ({ text: async () => '' }),
    ending: new AbortController().signal,
    preview: async () => [],
  });
