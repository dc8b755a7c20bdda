import { Hono } from 'hono';
import { laterPart } from '../../../base/laterPart.ts';
import type { PlaneServices } from '../../services.ts';

/** Few clients ask for models: what answers them is loaded for the first. */
const answers = laterPart(() => import('./answers.ts'));

/** OpenAI's API over the language models of this machine: `OPENAI_BASE_URL` is `…/v1`, and the key is the plane's token. */
export function openAiRoutes(services: PlaneServices): Hono {
  return new Hono()
    .post('/updraft/tokens', async (c) => (await answers()).countTokens(c, services))
    .get('/v1/models', async (c) => (await answers()).listModels(c, services))
    .get('/v1/models/:name{.+}', async (c) => (await answers()).getModel(c, services))
    .post('/v1/chat/completions', async (c) => (await answers()).answer(c, '/chat/completions', services))
    .post('/v1/completions', async (c) => (await answers()).answer(c, '/completions', services))
    .post('/v1/embeddings', async (c) => (await answers()).answer(c, '/embeddings', services));
}
