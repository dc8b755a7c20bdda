import { commands } from 'vscode';

/** What the walkthrough ticks, as context keys of package.json. That a command was called is not enough: it may have been canceled. */
type Achievement = 'hasOpenedExample' | 'hasSubmitted' | 'hasOpenedDashboard' | 'hasRegisteredModel';

export const achieved = async (what: Achievement): Promise<void> => {
  await commands.executeCommand('setContext', `updraft.${what}`, true);
};
