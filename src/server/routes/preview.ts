import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { check } from '../../protocol/check.ts';
import { PreviewRequest, type StepPreview } from '../../protocol/preview.ts';
import type { StoredJob } from '../../store/store.ts';
import { UseOfRegistries } from '../registries/useOfRegistries.ts';
import { type PlaneServices, servicesOf } from '../services.ts';
import { mayAct } from '../team/mayAct.ts';
import { reusable } from './arm/steps.ts';

const submit = 'Microsoft.MachineLearningServices/workspaces/jobs/write';
/** Largest request in bytes. */
const sizeLimit = 50_000_000;

/** What would become of a pipeline's steps. */
export type Preview = (
  workspace: string,
  request: PreviewRequest,
  findReusable: (key: string) => Promise<Pick<StoredJob, 'name' | 'properties'> | undefined>,
) => Promise<StepPreview[]>;

/** What a pipeline would do, without doing it. */
export function previewRoutes(plane: PlaneServices, preview: Preview): Hono {
  return new Hono().post('/updraft/preview', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const given = check(PreviewRequest, await c.req.json(), 'The pipeline');
    const asked = c.get('asked');
    const services = servicesOf(plane, asked);
    const { store, workspace } = asked;
    // As when it is submitted; who could not submit it changes nothing in the workspace by looking.
    const properties = mayAct(services, submit) ? await new UseOfRegistries(plane.store, services).in(given.properties) : given.properties;
    return c.json({ steps: await preview(workspace, { ...given, properties }, async (key) => (await reusable(store, [key])).get(key)) });
  });
}
