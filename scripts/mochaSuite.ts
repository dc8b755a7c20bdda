/** One mocha run in a process of its own: `mochaSuite.ts NAME TIMEOUT_MS FILE…`; sends its counts to the parent and exits non-zero on failure. */
import Mocha from 'mocha';

const [name, timeout, ...files] = process.argv.slice(2);
const mocha = new Mocha({ reporter: 'spec', timeout: Number(timeout), color: process.stdout.isTTY, forbidOnly: Boolean(process.env.CI) });
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  process.send?.({ name, passed: passes, failed: failures, skipped: pending });
  // Loaded pages and sockets must not keep a finished run alive; the counts are sent first.
  process.disconnect?.();
  process.exitCode = failures ? 1 : 0;
  setTimeout(() => process.exit(), 5000).unref();
});
