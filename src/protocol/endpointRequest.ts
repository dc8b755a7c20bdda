import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Requests of an endpoint that are kept, the newest. */
export const mostRequestsKept = 50;
/** Characters of a request, and of its answer, that are kept; one that is longer is not there to be sent again. */
export const mostRequestText = 100_000;

/**
 * A request that a person has sent to an endpoint by `POST /updraft/endpoints/{name}/requests?deployment=…`, which is answered as the deployment does, and kept to be
 * sent again. `GET` lists those of an endpoint, the newest first; `DELETE` forgets them.
 */
export const EndpointRequest = Type.Object({
  id: Type.String(),
  /** ISO-8601. */
  at: Type.String(),
  /** The deployment that was asked for; absent where the traffic decided. */
  deployment: Type.Optional(Type.String()),
  /** Which one answered. */
  answeredBy: Type.Optional(Type.String()),
  /** What was sent; absent where that was too long to be kept, or no text. */
  request: Type.Optional(Type.String()),
  /** HTTP's. */
  status: Type.Integer(),
  /** Milliseconds until the whole answer was there. */
  ms: Type.Number(),
  /** The answer, cut where it is long. */
  answer: Type.String(),
});
export type EndpointRequest = Static<typeof EndpointRequest>;

/** Header in which a deployment says its name. */
export const deploymentHeader = 'azureml-model-deployment';
