import type { LocalModelNode } from '../state/machineModels.ts';
import type { App, Command } from './command.ts';

/** Shows the form of a fine-tuning; with a model, or its row in the view, that is the one it begins with. */
export const finetuningOpen: Command = {
  id: 'updraft.finetuning.open',
  run(app, argument) {
    const model = typeof argument === 'string' ? argument : (argument as Partial<LocalModelNode> | undefined)?.name;
    showFinetuning(app, model === undefined ? undefined : { model });
  },
};

/** `state`: what of the form is filled in. */
export function showFinetuning(app: Pick<App, 'panels'>, state?: Record<string, string>): void {
  app.panels.open({ page: 'finetuning', name: '', ...(state ? { state } : {}) }, 'Fine-tune');
}
