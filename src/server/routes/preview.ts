import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { PreviewRequest, type StepPreview } from '../../protocol/preview.ts';
import type { StoredJob } from '../../store/store.ts';
import { reusable } from './arm/steps.ts';

/** Largest request in bytes. */
const sizeLimit = 50_000_000;

/** What the plane's own runner would make of a pipeline. */
export type Preview = (request: PreviewRequest, findReusable: (key: string) => Promise<StoredJob | undefined>) => Promise<StepPreview[]>;

/** What a pipeline would do, without doing it. `preview` answers none where the plane has no runner of its own. */
export function previewRoutes(preview: () => Preview | undefined): Hono {
  return new Hono().post('/updraft/preview', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const request = check(PreviewRequest, await c.req.json(), 'The pipeline');
    const { store } = c.get('asked');
    const run = preview();
    if (!run)
      throw new UserError(
        'UnsupportedKind',
        'This control plane has no runner that could say what will run.',
        'Start it with its own runner.',
      );
    return c.json({ steps: await run(request, async (key) => (await reusable(store, [key])).get(key)) });
  });
}
