import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process for good: a pid alone is given out again. `bootId` changes when the machine restarts. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
  bootId: string;
}

let boot: string | undefined;

/** An id of this run of the machine. */
export function bootId(): string {
  if (boot !== undefined) return boot;
  try {
    boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    boot = process.platform === 'darwin' ? output('sysctl', ['-n', 'kern.boottime']) : hostname();
  }
  return boot;
}

/** The identity of a process that lives now; undefined when there is none with this pid (or only its remains, a zombie). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

/** Whether the very process that was noted down still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime;
}

function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // proc(5): the name in brackets may hold spaces; after it come state (3rd field) … start time (22nd field).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') {
    try {
      process.kill(pid, 0);
      return 'unknown';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined;
    }
  }
  return output('ps', ['-o', 'lstart=', '-p', String(pid)]) || undefined;
}

function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
