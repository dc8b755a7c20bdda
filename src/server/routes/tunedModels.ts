import { Hono } from 'hono';
import type { PlaneServices } from '../services.ts';

/** Registered adapters as language models, with what they were trained from and why they do not run. */
export const tunedModelRoutes = ({ tunedModels }: PlaneServices): Hono =>
  new Hono().get('/updraft/tuned-models', async (c) =>
    c.json({ models: await (await tunedModels()).list(c.get('asked').store, c.req.query('name')) }),
  );
