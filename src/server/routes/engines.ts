import { Hono } from 'hono';
import { messageOf, UserError } from '../../base/userError.ts';
import { eventStream } from '../../inference/openai/eventStream.ts';
import { type EngineFormat, type EngineProgress, engineFormats, type InferenceEngines } from '../../protocol/inferenceEngine.ts';
import type { PlaneServices } from '../services.ts';

/** The programs that run models: what they are, and the installation of one, told as it goes. */
export function engineRoutes({ models, logger }: PlaneServices): Hono {
  return new Hono()
    .get('/updraft/engines', async (c) => {
      const { own } = await models();
      // What this machine has no build of is left out: who asks a model of that format is told why.
      const engines = await Promise.all(engineFormats.map((format) => own.engine(format).catch(withoutBuild)));
      return c.json({ engines: engines.filter((each) => each !== undefined) } satisfies InferenceEngines);
    })
    .post('/updraft/engines/:format', async (c) => {
      const format = engineFormats.find((each) => each === c.req.param('format'));
      if (!format) throw new UserError('NotFound', `There is no engine for models of that format: there are ${engineFormats.join(', ')}.`);
      return installation(format);
    });

  async function installation(format: EngineFormat): Promise<Response> {
    const { own } = await models();
    const { bytes: of } = await own.engine(format);
    return eventStream({
      logger,
      run: async (send) => {
        send({ bytes: 0, of } satisfies EngineProgress);
        await own.install(format, (bytes) => send({ bytes, of } satisfies EngineProgress));
      },
      end: () => [{ isInstalled: true } satisfies EngineProgress],
      failed: (error) => ({ body: { error: { message: messageOf(error) } } satisfies EngineProgress }),
    });
  }
}

function withoutBuild(error: unknown): undefined {
  if (error instanceof UserError && error.code === 'NotImplemented') return undefined;
  throw error;
}
