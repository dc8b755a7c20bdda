import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { defaultWorkspace } from '../../protocol/arm.ts';
import { check } from '../../protocol/check.ts';
import { PreviewRequest, type StepPreview } from '../../protocol/preview.ts';
import type { StoredJob } from '../../store/store.ts';
import type { Services } from '../services.ts';
import { reusable } from './arm/steps.ts';

/** Largest request in bytes. */
const sizeLimit = 50_000_000;

/** What would become of a pipeline's steps. */
export type Preview = (request: PreviewRequest, findReusable: (key: string) => StoredJob | undefined) => Promise<StepPreview[]>;

/** What a pipeline would do, without doing it. */
export function previewRoutes({ store }: Services, preview: Preview): Hono {
  return new Hono().post('/updraft/preview', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const request = check(PreviewRequest, await c.req.json(), 'The pipeline');
    return c.json({ steps: await preview(request, (key) => reusable(store, defaultWorkspace, [key]).get(key)) });
  });
}
