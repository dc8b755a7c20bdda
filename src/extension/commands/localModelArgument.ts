import { window } from 'vscode';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import type { LocalModel } from '../../protocol/localModels.ts';
import type { LocalModelNode } from '../state/machineModels.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';

/** The model of this machine that a command was called for, as it is now: a node of the view, a name, else the user's choice. */
export async function localModelArgument(
  app: App,
  argument: unknown,
  title: string,
  fits: (model: LocalModel) => boolean = () => true,
): Promise<LocalModel> {
  const { models } = await app.machineModels.list();
  const name = typeof argument === 'string' ? argument : (argument as Partial<LocalModelNode> | undefined)?.name;
  if (name !== undefined) {
    const found = models.find((each) => each.name === name);
    if (found) return found;
    throw new UserError('NotFound', `There is no model "${name}" on this machine any more.`);
  }
  const items = models
    .filter(fits)
    .map((model) => ({ label: model.name, description: `${formatBytes(model.bytes)} · ${model.place}`, model }));
  if (items.length === 0)
    throw new UserError('NotFound', 'There is no model on this machine for this.', 'Get one with "Get a Language Model…".');
  return (await window.showQuickPick(items, { title, placeHolder: 'Choose a model' }))?.model ?? cancelled();
}
