import { readFileSync } from 'node:fs';

/** How many processes the system has killed because memory ran out, as the file `counter` says. */
export interface MemoryKills {
  counter: string;
  count: number;
}

let found: string | undefined;

/** Of the control group in which this process is and which its commands inherit. Undefined where the system keeps no such count. */
export function memoryKills(): MemoryKills | undefined {
  if (process.platform !== 'linux') return undefined;
  found ??= counters().find((file) => killsIn(file) !== undefined) ?? '';
  const count = found ? killsIn(found) : undefined;
  return count === undefined ? undefined : { counter: found, count };
}

/** The count that a file has now; undefined when it has none. */
export function killsIn(file: string): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

/** cgroups(7): lines `ID:controllers:path`; version 2 has no controllers in its line. */
function counters(): string[] {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        if (controllers === '') return [`/sys/fs/cgroup${path}/memory.events`, '/sys/fs/cgroup/memory.events'];
        return controllers?.split(',').includes('memory')
          ? [`/sys/fs/cgroup/memory${path}/memory.oom_control`, '/sys/fs/cgroup/memory/memory.oom_control']
          : [];
      });
  } catch {
    return [];
  }
}
