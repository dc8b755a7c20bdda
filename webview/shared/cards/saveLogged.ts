import { UserError } from '../../../src/base/userError.ts';
import type { LoggedFile } from '../../../src/protocol/loggedFiles.ts';
import type { Host } from '../host/host.ts';
import { saveInBrowser } from '../host/saveInBrowser.ts';

/** More than this would be kept in the browser's memory on its way to the disk. */
const most = 1_000_000_000;

/** Saves the file itself: where the user says, in the editor; as a download, in a browser. */
export async function saveLogged(host: Host, run: string, { path, size }: LoggedFile): Promise<void> {
  if (host.command) return host.command('artifact.save', { name: run, path });
  if (size > most) throw new UserError('InvalidRequest', 'This file is too large for a browser.', 'Use "updraft job download".');
  saveInBrowser(await (await host.client.readArtifact(run, path)).blob(), path.split('/').at(-1)!);
}
