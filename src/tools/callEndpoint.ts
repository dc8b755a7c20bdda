import * as Type from 'typebox';
import { callEndpoint as call } from '../client/callEndpoint.ts';
import { fromOutside } from './fromOutside.ts';
import { inLine } from './inLine.ts';
import { fields } from './jobField.ts';
import { tool } from './tool.ts';

/** Characters of an answer that are shown. */
const most = 10_000;

export const callEndpoint = tool({
  name: 'call_endpoint',
  title: 'Call an endpoint',
  what: 'Sends a request to an online endpoint, or to one of its deployments, and answers what that says.',
  schema: fields({
    endpoint: Type.String({ description: 'Its name, as list_endpoints has it.', minLength: 1, maxLength: 255 }),
    deployment: Type.Optional(
      Type.String({ description: 'The deployment; without it the traffic decides.', minLength: 1, maxLength: 255 }),
    ),
    request: Type.Unknown({ description: 'The body of the request, as JSON: for an MLflow model such as {"input_data": [[1, 2]]}.' }),
  }),
  changes: {
    isDestructive: false,
    question: ({ endpoint, deployment, request }) => ({
      title: 'Call an endpoint',
      message: `Send ${inLine(JSON.stringify(request), 500)} to ${deployment ? `the deployment ${inLine(deployment)} of ` : ''}the endpoint ${inLine(endpoint)}?`,
    }),
  },
  async run({ endpoint, deployment, request }, { client }) {
    const started = Date.now();
    const text = await call(client, ['onlineEndpoints', endpoint], JSON.stringify(request), deployment);
    const shown = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
    return `${endpoint} answered after ${Date.now() - started} ms.\n${fromOutside('answer', [shown])}`;
  },
});
