import { workspace } from 'vscode';

/** Saves what is edited and could be part of a job: what is submitted is what lies on disk. */
export async function saveFilesOfJobs(): Promise<void> {
  for (const document of workspace.textDocuments) {
    if (document.isDirty && document.uri.scheme === 'file' && /\.(?:ya?ml|py|toml|txt)$/.test(document.uri.path)) await document.save();
  }
}
