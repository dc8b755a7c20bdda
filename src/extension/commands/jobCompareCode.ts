import { commands, type Uri } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { codeFiles, codeIdOf } from '../../client/codeFiles.ts';
import { titleOf } from '../../protocol/job.ts';
import { jobUri } from '../documents/jobUri.ts';
import { jobArgument } from './arguments.ts';
import type { App, Command } from './command.ts';

/** A file of the code of two jobs; undefined where one does not have it. */
interface Pair {
  path: string;
  before: Uri | undefined;
  after: Uri | undefined;
}

/** Shows what differs between the code of two jobs: of one file where a page names it, else of all. */
export const jobCompareCode: Command = {
  id: 'updraft.job.compareCode',
  async run(app, first, second, file) {
    const before = await jobArgument(app, first, 'Compare the code of a job');
    const after = await jobArgument(app, second, `Compare the code of ${titleOf(before)} with`);
    const title = `${titleOf(before)} ↔ ${titleOf(after)}`;
    const pairs = await differing(app, before.name, after.name);
    if (typeof file === 'string' && file) {
      const pair = pairs.find(({ path }) => path === file);
      if (pair?.before && pair.after) {
        await commands.executeCommand('vscode.diff', pair.before, pair.after, `${file}: ${title}`);
        return;
      }
      if (pair) {
        await commands.executeCommand('vscode.open', pair.before ?? pair.after);
        return;
      }
    }
    if (pairs.length === 0) throw new UserError('NotFound', `${titleOf(before)} and ${titleOf(after)} ran the same code.`);
    await commands.executeCommand(
      'vscode.changes',
      `Code: ${title}`,
      pairs.map((pair) => [pair.after ?? pair.before, pair.before, pair.after]),
    );
  },
};

/** The files that are not the same in both. */
async function differing(app: App, before: string, after: string): Promise<Pair[]> {
  const [old, now] = await Promise.all([before, after].map((name) => hashes(app, name)));
  const pairs: Pair[] = [];
  for (const path of [...new Set([...old!.keys(), ...now!.keys()])].sort())
    if (old!.get(path) !== now!.get(path))
      pairs.push({
        path,
        before: old!.has(path) ? jobUri(before, 'code', path) : undefined,
        after: now!.has(path) ? jobUri(after, 'code', path) : undefined,
      });
  return pairs;
}

/** SHA-256 of each file of a job's code. */
async function hashes(app: App, name: string): Promise<Map<string, string | undefined>> {
  const client = await app.plane.client();
  const codeId = codeIdOf(await client.getJob(name));
  return new Map(codeId === undefined ? [] : (await codeFiles(client, codeId)).map(({ path, sha256 }) => [path, sha256]));
}
