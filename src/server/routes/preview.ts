import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { check } from '../../protocol/check.ts';
import { PreviewRequest, type StepPreview } from '../../protocol/preview.ts';
import type { StoredJob } from '../../store/store.ts';
import { reusable } from './arm/steps.ts';

/** Largest request in bytes. */
const sizeLimit = 50_000_000;

/** What would become of a pipeline's steps. */
export type Preview = (
  workspace: string,
  request: PreviewRequest,
  findReusable: (key: string) => Promise<Pick<StoredJob, 'name' | 'properties'> | undefined>,
) => Promise<StepPreview[]>;

/** What a pipeline would do, without doing it. */
export function previewRoutes(preview: Preview): Hono {
  return new Hono().post('/updraft/preview', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const request = check(PreviewRequest, await c.req.json(), 'The pipeline');
    const { store, workspace } = c.get('asked');
    return c.json({ steps: await preview(workspace, request, async (key) => (await reusable(store, [key])).get(key)) });
  });
}
