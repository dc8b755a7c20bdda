import type { OnlineDeployment } from '../protocol/onlineDeployment.ts';
import { endpointFailure } from './routes/scoreEndpoint.ts';
import type { Served } from './served.ts';

const message = 'Deployments are served by another server of this control plane, and requests are not passed on to it yet.';

/** What a server of the plane answers for deployments while another one serves them. */
export const servedElsewhere: Served = {
  isNeeded: async () => false,
  call: async () =>
    endpointFailure(503, 'PlaneUnreachable', message, { hint: 'Send the requests of endpoints to one server, or try again.' }),
  mirror: () => {},
  turn: (_endpoint, traffic) => ({ answers: Object.entries(traffic).find(([, share]) => share > 0)?.[0], copied: undefined }),
  swaggerOf: async (_deployment: OnlineDeployment) => undefined,
  logOf: () => `${message}\n`,
};
