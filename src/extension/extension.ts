import { type ExtensionContext, window } from 'vscode';
import { createApp } from './app.ts';

/** Called by VS Code when one of our views, commands or files is first used. Takes milliseconds: everything that costs time waits for its use. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Updraft', { log: true });
  context.subscriptions.push(log);
  createApp(context, log);
}
