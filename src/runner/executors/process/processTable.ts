import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessIdentity, processIdentity } from '../../../plane/processIdentity.ts';

interface Row {
  pid: number;
  parent: number;
  group: number;
  session: number;
}

/**
 * All processes that a task's shell started, without the shell itself: those of its process group, their descendants, those in a session that one of them opened, and those whose environment
 * has the variable `mark` (`NAME=value`). So a process is found that left the group.
 */
export function processesOf(shell: ProcessIdentity, mark: string): ProcessIdentity[] {
  const rows = processTable();
  const isShell = processIdentity(shell.pid)?.startTime === shell.startTime;
  // The pid is someone else's by now, and so is a group of that number.
  const isReused = !isShell && rows.some(({ pid }) => pid === shell.pid);
  const members = new Set<number>(isShell ? [shell.pid] : []);
  const sessions = new Set<number>();
  const marked = new Set(rows.filter(({ pid }) => isMarked(pid, mark)).map(({ pid }) => pid));
  const isMember = ({ pid, parent, group, session }: Row) =>
    marked.has(pid) || members.has(parent) || (group === shell.pid && !isReused) || sessions.has(session);
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const row of rows) {
      if (members.has(row.pid) || row.pid === process.pid || !isMember(row)) continue;
      members.add(row.pid);
      if (row.session === row.pid) sessions.add(row.session);
    }
  }
  members.delete(shell.pid);
  return [...members].map(processIdentity).filter((each) => each !== undefined);
}

function processTable(): Row[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
          // proc(5): the name in brackets may hold anything; state, parent, group and session come after it.
          const [, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
          return [{ pid: Number(name), parent: Number(parent), group: Number(group), session: Number(session) }];
        } catch {
          return [];
        }
      });
  }
  try {
    const text = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid='], { encoding: 'utf8' });
    return text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0, group = 0]) => ({ pid, parent, group, session: 0 }));
  } catch {
    return [];
  }
}

/** Only Linux shows the environment of a process, as it was when its program started. */
function isMarked(pid: number, mark: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(`\0${mark}\0`);
  } catch {
    return false;
  }
}
