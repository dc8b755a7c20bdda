import { type Uri, workspace } from 'vscode';
import { jobUri } from './jobUri.ts';

/** From a file of a job's snapshot to the one to open: the workspace's own when it still is the same, else what ran. */
export class SourceFinder {
  async find(job: string, file: string): Promise<Uri> {
    const ran = jobUri(job, 'code', file);
    const name = file.split('/').map(escapeGlob).join('/');
    const [content, candidates] = await Promise.all([
      workspace.fs.readFile(ran),
      workspace.findFiles(`**/${name}`, '**/{node_modules,.git,.venv}/**', 50),
    ]);
    for (const candidate of candidates) {
      const own = await workspace.fs.readFile(candidate);
      if (Buffer.from(own).equals(Buffer.from(content))) return candidate;
    }
    return ran;
  }
}

const escapeGlob = (part: string) => part.replace(/[[\]{}?*]/g, '[$&]');
