import path from 'node:path';
import { simpleGit } from 'simple-git';
import { jobProperty } from '../protocol/job.ts';

/** Commit, branch, repository (without credentials) and whether there are changes, as job properties; empty outside of a repository or without git. */
export async function gitFacts(folder: string): Promise<Record<string, string>> {
  try {
    const git = simpleGit(path.resolve(folder));
    const [commit, status, remotes] = await Promise.all([git.revparse(['HEAD']), git.status(), git.getRemotes(true)]);
    const remote = remotes.find((each) => each.name === 'origin') ?? remotes[0];
    return {
      [jobProperty.gitCommit]: commit,
      [jobProperty.gitBranch]: status.current ?? 'HEAD',
      [jobProperty.gitDirty]: String(!status.isClean()),
      ...(remote?.refs.fetch ? { [jobProperty.gitRepository]: remote.refs.fetch.replace(/\/\/[^/@]*@/, '//') } : {}),
    };
  } catch {
    return {};
  }
}
