import { ProgressLocation, type QuickPickItem, type Uri, window, workspace } from 'vscode';
import { callEndpoint } from '../../client/callEndpoint.ts';
import { cancelled } from './arguments.ts';
import type { Command } from './command.ts';
import { deploymentArgument } from './deploymentArgument.ts';

/** Files that are offered. */
const most = 200;

/** Sends a deployment a request, from a JSON file or as it is typed, and shows its answer beside. */
export const deploymentInvoke: Command = {
  id: 'updraft.deployment.invoke',
  async run(app, argument) {
    const { endpoint, deployment } = await deploymentArgument(app, argument, 'Call a deployment');
    const body = await requestFor(deployment);
    const client = await app.plane.client();
    const answer = await window.withProgress({ location: ProgressLocation.Notification, title: `Calling ${deployment}` }, () =>
      callEndpoint(client, ['onlineEndpoints', endpoint], body, deployment),
    );
    await app.texts.show(`${endpoint}/${deployment} answers.json`, pretty(answer));
  },
};

async function requestFor(deployment: string): Promise<string> {
  const files = await workspace.findFiles('**/*.json', '**/{node_modules,.*}/**', most);
  const named = (uri: Uri) => workspace.asRelativePath(uri);
  // What is called a request comes first.
  const weight = (uri: Uri) => (/request|sample|input/i.test(named(uri)) ? 0 : 1);
  const items: (QuickPickItem & { uri?: Uri })[] = [
    ...files.sort((a, b) => weight(a) - weight(b) || named(a).localeCompare(named(b))).map((uri) => ({ label: named(uri), uri })),
    { label: '$(edit) Type the request', alwaysShow: true },
  ];
  const chosen = await window.showQuickPick(items, { title: `Call ${deployment}`, placeHolder: 'Choose the file with the request' });
  if (!chosen) return cancelled();
  if (chosen.uri) return (await workspace.openTextDocument(chosen.uri)).getText();
  const typed = await window.showInputBox({ title: `Call ${deployment}`, prompt: 'The request, as JSON', placeHolder: '{"data": [1, 2]}' });
  return typed ?? cancelled();
}

/** With line breaks, where it is JSON. */
function pretty(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}
