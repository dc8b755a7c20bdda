import { type Context, Hono } from 'hono';
import { check } from '../../protocol/check.ts';
import {
  FindModelRequest,
  type FoundOnHub,
  GetModelRequest,
  hubTokenHeader,
  NamedModel,
  SearchModelsRequest,
} from '../../protocol/localModels.ts';
import type { PlaneServices } from '../services.ts';
import { jsonBody } from './arm/request.ts';

/** Models as files of this machine: which there are and which can be got, their downloads, how fast they are, and how they go again. */
export function localModelRoutes({ localModels }: PlaneServices): Hono {
  const named = async (c: Context) => check(NamedModel, await jsonBody(c), 'The request').name;
  const hubToken = (c: Context) => c.req.header(hubTokenHeader);
  return new Hono()
    .get('/updraft/models', async (c) => {
      const models = await localModels();
      // Other programs put files there, which no change tells of.
      if (c.req.query('anew')) models.lookAgain();
      return c.json(await models.list());
    })
    .post('/updraft/models/find', async (c) => {
      const { model } = check(FindModelRequest, await jsonBody(c), 'The request');
      return c.json(await (await localModels()).look(model, hubToken(c), c.req.raw.signal));
    })
    .post('/updraft/models/search', async (c) => {
      const { text } = check(SearchModelsRequest, await jsonBody(c), 'The request');
      const hits = await (await localModels()).downloads.search(text, hubToken(c), c.req.raw.signal);
      return c.json(
        hits.map(({ repository, downloads, license, isGated }) => ({
          model: `hf:${repository}`,
          downloads,
          isGated,
          ...(license ? { license } : {}),
        })) satisfies FoundOnHub,
      );
    })
    .post('/updraft/models/downloads', async (c) => {
      const request = check(GetModelRequest, await jsonBody(c), 'The request');
      return c.json(await (await localModels()).downloads.start(request, hubToken(c), c.get('asked').principal), 202);
    })
    .post('/updraft/models/cancel', async (c) => {
      await (await localModels()).downloads.cancel(await named(c));
      return c.json({});
    })
    .post('/updraft/models/forget', async (c) =>
      c.json({ freedBytes: await (await localModels()).downloads.forget(await named(c), c.get('asked').principal, c.req.raw.signal) }),
    )
    .post('/updraft/models/remove', async (c) =>
      c.json({ freedBytes: await (await localModels()).remove(await named(c), c.get('asked').principal, c.req.raw.signal) }),
    )
    .post('/updraft/models/measure', async (c) => {
      await (await localModels()).measure(await named(c), c.get('asked').principal);
      return c.json({}, 202);
    });
}
