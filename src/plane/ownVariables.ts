import { allocatorVariables } from '../tuning/allocator.ts';

type Environment = Record<string, string | undefined>;

/** Names the variables that a plane was started with for itself alone. */
const list = 'UPDRAFT_OWN_VARIABLES';

/** Marks every process of a job's command. A plane that such a process starts is no part of the job, and goes on after it. */
export const taskVariable = 'UPDRAFT_TASK';

/** The environment of a plane that is started from the given one, in which a person's own settings stand. */
export function planeEnvironment(environment: Environment): Environment {
  const own = Object.entries(allocatorVariables).filter(([name]) => environment[name] === undefined);
  const { [taskVariable]: _task, ...rest } = environment;
  return { ...rest, ...Object.fromEntries(own), [list]: own.map(([name]) => name).join(' ') };
}

/** The environment that a plane was started from, for what it starts itself: a training job's threads want arenas of their own. */
export function withoutOwnVariables(environment: Environment): Environment {
  const own = new Set([list, ...(environment[list]?.split(' ') ?? [])]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name)));
}

/** Whether an environment is that of a plane which a client started, because it needed one. */
export const isOnDemand = (environment: Environment): boolean => environment[list] !== undefined;
