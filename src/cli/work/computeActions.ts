import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import type { Parsed } from '../parsed.ts';
import { tableOf } from '../textParts.ts';
import { pathOf } from './resources.ts';

/** `start`, `stop`, `restart`: this machine is always there. */
export async function actOnCompute(parsed: Parsed, action: string, done: string): Promise<Outcome> {
  const { client } = await connect(parsed);
  const path = pathOf(parsed, 'compute');
  await client.actOnResource(path, action);
  return { text: () => `${done} ${path.at(-1)}.` };
}

export async function computeNodes(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { nodes } = await client.actOnResource<{ nodes: unknown[] }>(pathOf(parsed, 'compute'), 'listNodes');
  return {
    value: nodes,
    text: () =>
      tableOf(
        ['NODE'],
        nodes.map((each) => [JSON.stringify(each)]),
        'It has no nodes of its own: jobs run on this machine.',
      ),
  };
}
