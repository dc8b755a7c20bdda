/**
 * A process that races for a data folder: takes it, makes sure that it is alone there, and gives it back or dies with it. Ends with 3 when it was not alone.
 * Arguments: the folder, how many times it tries, and at which of its claims it kills itself (0: at none).
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../src/base/userError.ts';
import { takeDataFolder } from '../../../src/plane/takeDataFolder.ts';

const [folder = '', tries = '0', deadly = '0'] = process.argv.slice(2);
const mark = path.join(folder, 'inside');
const killed = 'killed';

/** Whether nobody else is in the folder. What a process left that has killed itself does not count: it may be in the list of processes for a while. */
function enter(): boolean {
  try {
    const handle = openSync(mark, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch {
    if (readFileSync(mark, 'utf8') !== killed) return false;
    rmSync(mark);
    return enter();
  }
}

let claims = 0;
for (let i = 0; i < Number(tries); i++) {
  let claim: { release(): void };
  try {
    claim = takeDataFolder(folder);
  } catch (error) {
    if (error instanceof UserError && error.code === 'DataFolderInUse') continue;
    throw error;
  }
  if (!enter()) process.exit(3);
  claims++;
  if (claims === Number(deadly)) {
    writeFileSync(mark, killed);
    process.kill(process.pid, 'SIGKILL');
  }
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (readFileSync(mark, 'utf8') !== String(process.pid)) process.exit(3);
  rmSync(mark);
  claim.release();
}
process.stdout.write(`${claims}\n`);
