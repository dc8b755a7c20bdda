import { hash } from 'node:crypto';
import { resolveUri } from '../../client/resolveUri.ts';
import type { CommandJobProperties } from '../../protocol/job.ts';
import type { OrchestrationContext } from '../orchestration.ts';
import { contentHash } from './contentHash.ts';

/** Contents that were hashed for one pipeline run. A uri that a person writes to may change between runs, so it is not kept longer. */
export type HashCache = Map<string, Promise<string>>;

/** What makes two steps the same: code (content-addressed), command, environment, inputs by content, outputs by type, variables, distribution. */
export interface ReuseFacts {
  code: string;
  command: string;
  environment: string;
  inputs: unknown[][];
  outputs: unknown[][];
  variables: unknown[][];
  /** As JSON: how many processes of what kind. */
  distribution: string;
}

/** SHA-256 in hex of what makes a step the same as another. */
export async function reuseKeyOf(
  context: Pick<OrchestrationContext, 'client' | 'environments'>,
  step: CommandJobProperties,
  cache: HashCache,
): Promise<string> {
  return hashOfFacts(await reuseFactsOf(context, step, cache));
}

export const hashOfFacts = ({ code, command, environment, inputs, outputs, variables, distribution }: ReuseFacts): string =>
  hash('sha256', JSON.stringify(['v2', code, command, environment, inputs, outputs, variables, distribution]), 'hex');

export async function reuseFactsOf(
  context: Pick<OrchestrationContext, 'client' | 'environments'>,
  step: CommandJobProperties,
  cache: HashCache,
): Promise<ReuseFacts> {
  const { client } = context;
  const once = (key: string, make: () => Promise<string>) => {
    let value = cache.get(key);
    if (!value) {
      cache.set(key, (value = make()));
      // What could not be read now may be readable when it is asked for again.
      value.catch(() => cache.delete(key));
    }
    return value;
  };
  const environment = await context.environments.get(step.environmentId);
  const inputs = await Promise.all(
    Object.entries(step.inputs ?? {})
      .sort(byName)
      .map(async ([name, input]) => {
        if (input.jobInputType === 'literal') return [name, input.value];
        const uri = await once(`uri ${input.uri}`, () => resolveUri(client, input.uri ?? ''));
        const content = /^https?:|^file:/.test(uri) ? uri : await once(`content ${uri}`, () => contentHash(client, uri));
        return [name, input.jobInputType, input.mode ?? '', content];
      }),
  );
  const outputs = Object.entries(step.outputs ?? {})
    .sort(byName)
    .map(([name, output]) => [name, output.jobOutputType, output.uri ?? '']);
  const variables = Object.entries(step.environmentVariables ?? {}).sort(byName);
  const distribution = JSON.stringify(step.distribution ?? null);
  return { code: step.codeId ?? '', command: step.command, environment, inputs, outputs, variables, distribution };
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0);
