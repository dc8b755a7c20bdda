import type { JobError } from '../../protocol/job.ts';
import type { Deployment, EndedServer, Server } from './deployment.ts';

/** What a deployment's servers went through since somebody asked for it last. */
export interface Trouble {
  asked: string;
  /** Ends in a row. */
  failures: number;
  why: JobError;
  /** Milliseconds since 1970 from which on a server is started again. */
  retryAt: number;
}

export type Step<D extends Deployment = Deployment> =
  | { do: 'start'; deployment: D }
  | { do: 'stop'; server: string }
  | { do: 'succeed'; deployment: D }
  | { do: 'fail'; deployment: D; error: JobError }
  | { do: 'remove'; deployment: D }
  /** Nothing is to be done before. */
  | { do: 'wait'; until: number };

/** Milliseconds after which a server that ended had been well before. */
const wellFor = 60_000;
const mostWait = 60_000;
/** Ends in a row after which a deployment is shown as failed, though its servers are still started again. */
const mostFailures = 5;

/** What to remember of a server's end. The first one is followed by a new start at once, later ones by longer and longer pauses. */
export function troubleAfter(end: EndedServer, before: Trouble | undefined, now: number): Trouble {
  const isNew = before?.asked !== end.asked || (end.readyFor ?? 0) >= wellFor;
  const failures = isNew ? 1 : before.failures + 1;
  const pause = failures === 1 ? 0 : Math.min(mostWait, 1000 * 2 ** (failures - 2));
  return { asked: end.asked, failures, why: end.why, retryAt: now + pause };
}

/** Decides what is to be done next for all deployments, from how it stands. Asked again after each step, it comes to rest when all is as it is wanted. */
export function nextSteps<D extends Deployment>(
  deployments: readonly D[],
  servers: readonly Server[],
  troubles: ReadonlyMap<string, Trouble>,
  now: number,
): Step<D>[] {
  const known = new Set(deployments.map(({ id }) => id));
  return [
    ...servers.filter((each) => each.phase !== 'stopping' && !known.has(each.deployment)).map(stop),
    ...deployments.flatMap((each) =>
      ofOne(
        each,
        servers.filter(({ deployment }) => deployment === each.id),
        troubles.get(each.id),
        now,
      ),
    ),
  ];
}

const stop = ({ id }: Server): Step<never> => ({ do: 'stop', server: id });

function ofOne<D extends Deployment>(deployment: D, all: readonly Server[], known: Trouble | undefined, now: number): Step<D>[] {
  const { state, generation, asked, served, instances } = deployment;
  const own = all.filter(({ phase }) => phase !== 'stopping');
  if (state === 'Deleting') return all.length === 0 ? [{ do: 'remove', deployment }] : own.map(stop);
  const current = own.filter((each) => each.generation === generation);
  const old = own.filter((each) => each.generation !== generation);
  const trouble = known?.asked === asked ? known : undefined;
  const hasServed = served === generation;
  // What never worked does not work by being tried again: its author is told. Servers of the generation before go on.
  if (!hasServed && (trouble || state === 'Failed'))
    return [...current.map(stop), ...(trouble && state !== 'Failed' ? [{ do: 'fail' as const, deployment, error: trouble.why }] : [])];

  const ready = current.filter(({ phase }) => phase === 'ready');
  const byPhase = [...ready, ...current.filter(({ phase }) => phase === 'starting')];
  const steps: Step<D>[] = byPhase.slice(instances).map(stop);
  const missing = instances - current.length;
  if (missing > 0 && trouble && trouble.retryAt > now) steps.push({ do: 'wait', until: trouble.retryAt });
  else for (let each = 0; each < missing; each++) steps.push({ do: 'start', deployment });
  if (ready.length >= instances) {
    steps.push(...old.map(stop));
    if (state !== 'Succeeded' || !hasServed) steps.push({ do: 'succeed', deployment });
  } else if (trouble && trouble.failures >= mostFailures && state !== 'Failed') steps.push({ do: 'fail', deployment, error: trouble.why });
  return steps;
}
