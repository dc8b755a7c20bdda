import { type QuickPickItem, Uri, window, workspace } from 'vscode';
import type { ComponentFile } from '../../protocol/language.ts';
import { askInStep } from '../editor/steps.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';
import { checkFileName, folderFor, freeFileName, writeAndOpen } from './newFile.ts';
import { RemediedError, remedies } from './remedy.ts';

/** A new pipeline of components of the workspace, picked in the order in which they run. */
export const pipelineNew: Command = {
  id: 'updraft.pipeline.new',
  run: async (app, argument) => newPipeline(app, await folderFor(argument)),
};

interface ComponentItem extends QuickPickItem {
  component?: ComponentFile;
}

export async function newPipeline(app: App, folder: Uri): Promise<void> {
  const components = await app.language.components();
  if (components.length === 0)
    throw new RemediedError('NotFound', 'There is no component file in this workspace.', 'Write one first.', remedies.writeSpec);
  const chosen = await pickInOrder(components);
  const target = await askInStep(
    { title: 'New pipeline', step: 1, totalSteps: 1 },
    {
      value: await freeFileName(folder, 'pipeline'),
      prompt: `Name of the file in ${folder.path}`,
      check: (text) => checkFileName(folder, text),
    },
  );
  if (target === 'back') cancelled();
  const file = Uri.joinPath(folder, target.value);
  await writeAndOpen(
    file,
    await app.language.assemble(
      file,
      chosen.map(({ uri }) => uri),
    ),
  );
}

/** Picks one component after another; the list says what each step gives to those after it. Finished by its first line. */
async function pickInOrder(components: readonly ComponentFile[]): Promise<ComponentFile[]> {
  const chosen: ComponentFile[] = [];
  for (;;) {
    const items: ComponentItem[] = components.map((component) => ({
      label: component.name,
      // What is cut off at the end of a line is the description, never what it takes and gives.
      description: [workspace.asRelativePath(Uri.parse(component.uri)), component.description].filter(Boolean).join(' · '),
      detail: signature(component),
      component,
    }));
    if (chosen.length > 0)
      items.unshift(
        { label: '$(check) Done', description: chosen.map(({ name }) => name).join(' → '), alwaysShow: true },
        { label: '$(discard) Take the last one out', description: chosen.at(-1)!.name, alwaysShow: true },
      );
    const picked = await window.showQuickPick(items, {
      title: `New pipeline: step ${chosen.length + 1}`,
      placeHolder: chosen.length === 0 ? 'The component that runs first' : 'The component that runs next',
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    if (!picked) cancelled();
    if (picked.component) chosen.push(picked.component);
    else if (picked === items[0]) return chosen;
    else chosen.pop();
  }
}

/** `table: uri_folder → model: custom_model`. */
function signature({ inputs, outputs }: ComponentFile): string {
  const list = (ports: ComponentFile['inputs']) =>
    ports.map(({ name, type, optional }) => `${name}${optional ? '?' : ''}: ${type}`).join(', ');
  return [list(inputs), list(outputs)].filter(Boolean).join(' → ');
}
