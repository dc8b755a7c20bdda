/** One mocha run in a process of its own: `mochaSuite.ts NAME TIMEOUT_MS FILE…`; sends its counts and failures to the parent and exits non-zero on failure. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import Mocha from 'mocha';

/** What a suite came to. `failures`: each with its full title, why, and for one that took too long what was going on. */
export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
  /** How long each file took, with its hooks. */
  seconds: Record<string, number>;
}

const [, timeout, ...files] = process.argv.slice(2);
const mocha = new Mocha({ reporter: 'spec', timeout: Number(timeout), color: process.stdout.isTTY, forbidOnly: Boolean(process.env.CI) });
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
const failures: string[] = [];
const seconds: Record<string, number> = {};
const runner = mocha.run((failed) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  process.send?.({ passed: passes, failed, skipped: pending, failures, seconds } satisfies SuiteResult);
  // Loaded pages and sockets must not keep a finished run alive; the counts are sent first.
  process.disconnect?.();
  process.exitCode = failed ? 1 : 0;
  setTimeout(() => process.exit(), 5000).unref();
});
runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error) => {
  const isHung = (error as NodeJS.ErrnoException).code === 'ERR_MOCHA_TIMEOUT';
  failures.push([test.fullTitle(), error?.message ?? String(error), ...(isHung ? [goingOn()] : [])].join('\n'));
});
let begun = 0;
runner.on(Mocha.Runner.constants.EVENT_SUITE_BEGIN, ({ parent }) => {
  if (parent?.root) begun = performance.now();
});
runner.on(Mocha.Runner.constants.EVENT_SUITE_END, ({ parent, file }) => {
  if (!parent?.root || !file) return;
  const name = path.relative(process.cwd(), file);
  seconds[name] = (seconds[name] ?? 0) + (performance.now() - begun) / 1000;
});

/** What a hung test may be waiting for: kinds of open handles, and the processes that it started (those in groups of their own too). */
function goingOn(): string {
  const kinds = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
  const open = [...kinds].map(([kind, all]) => `${all.length} ${kind}`).join(', ');
  const { stdout } = spawnSync('ps', ['-eo', 'pid,ppid,pgid,stat,wchan:20,etimes,args'], { encoding: 'utf8' });
  const rows = (stdout ?? '').trim().split('\n').slice(1);
  const ours = new Set([String(process.pid)]);
  const tree = rows.filter((row) => {
    const [pid = '', parent = ''] = row.trim().split(/\s+/);
    if (!ours.has(parent)) return false;
    ours.add(pid);
    return true;
  });
  return [`open: ${open}`, ...tree.map((row) => row.slice(0, 300))].join('\n');
}
