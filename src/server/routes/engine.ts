import { Hono } from 'hono';
import { messageOf } from '../../base/userError.ts';
import { eventStream } from '../../inference/openai/eventStream.ts';
import type { EngineProgress, InferenceEngine } from '../../protocol/inferenceEngine.ts';
import type { PlaneServices } from '../services.ts';

/** The program that runs language models: what it is, and its installation, told as it goes. */
export function engineRoutes({ models, logger }: PlaneServices): Hono {
  return new Hono()
    .get('/updraft/engine', async (c) => c.json((await (await models()).own.engine('gguf')) satisfies InferenceEngine))
    .post('/updraft/engine', async () => {
      const { own } = await models();
      const { bytes: of } = await own.engine('gguf');
      return eventStream({
        logger,
        run: async (send) => {
          send({ bytes: 0, of } satisfies EngineProgress);
          await own.install('gguf', (bytes) => send({ bytes, of } satisfies EngineProgress));
        },
        end: () => [{ isInstalled: true } satisfies EngineProgress],
        failed: (error) => ({ body: { error: { message: messageOf(error) } } satisfies EngineProgress }),
      });
    });
}
