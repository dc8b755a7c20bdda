import { TabInputText, TabInputTextDiff, window } from 'vscode';
import { jobScheme } from './jobUri.ts';

/** Closes the files of jobs: those of another workspace can't be read any more. */
export async function closeTabsOfJobs(): Promise<void> {
  const isOfJob = (input: unknown): boolean =>
    input instanceof TabInputText
      ? input.uri.scheme === jobScheme
      : input instanceof TabInputTextDiff && [input.original, input.modified].some(({ scheme }) => scheme === jobScheme);
  await window.tabGroups.close(window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(({ input }) => isOfJob(input))));
}
