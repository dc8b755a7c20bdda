import { Uri, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { UserError } from '../../base/userError.ts';
import { titleOf } from '../../protocol/job.ts';
import { outputReference } from '../../protocol/jobPlaces.ts';
import { ask, cancelled, jobArgument } from './arguments.ts';
import type { App, Command } from './command.ts';
import { offer } from './remedy.ts';
import { achieved } from './walkthrough.ts';

const types = [
  { label: 'custom_model', description: 'any files' },
  { label: 'mlflow_model', description: 'a folder with an MLmodel file' },
  { label: 'triton_model', description: 'a Triton model repository' },
];

/** Registers a model from a folder (Explorer, palette) or from an output of a job (Jobs view, dashboard). */
export const modelRegister: Command = {
  id: 'updraft.model.register',
  async run(app, argument, output) {
    const source = argument instanceof Uri ? { path: argument.fsPath, type: undefined } : await fromJobOrFolder(app, argument, output);
    const name = await ask('Register a model', {
      prompt: 'Name of the model; a new version is made when there is one already.',
      check: (text) => (/^[\w.-]{1,255}$/.test(text) ? undefined : 'Letters, digits, "_", "-" and "." only.'),
    });
    const type = source.type ?? (await window.showQuickPick(types, { title: 'Type of the model' }))?.label ?? cancelled();
    const { registerModel } = await import('../../submit/createAsset.ts');
    const model = await registerModel(await app.plane.client(), { name, type, path: source.path });
    await achieved('hasRegisteredModel');
    const open = { label: 'Open', command: 'updraft.model.open', args: [`${name}:${model.name}`] };
    aside('message', offer('information', `Registered ${name}:${model.name}.`, open), app.log);
  },
};

async function fromJobOrFolder(app: App, argument: unknown, output: unknown): Promise<{ path: string; type: string | undefined }> {
  if (argument === undefined) {
    const from = await window.showQuickPick(['A folder of this machine', 'An output of a job'], {
      title: 'Register a model from',
      // A page beside that is still being drawn may take the focus.
      ignoreFocusOut: true,
    });
    if (!from) cancelled();
    if (from.startsWith('A folder')) {
      const chosen = await window.showOpenDialog({
        title: 'Folder of the model',
        openLabel: 'Register',
        canSelectFolders: true,
        canSelectFiles: true,
      });
      return chosen?.[0] ? { path: chosen[0].fsPath, type: undefined } : cancelled();
    }
  }
  const job = await jobArgument(app, argument, 'Register a model from a job');
  const written = Object.entries(job.properties.outputs ?? {}).filter(([, each]) => each.uri);
  if (written.length === 0)
    throw new UserError(
      'NotFound',
      `${titleOf(job)} has written no output.`,
      'Register from the step that wrote the model, or from a folder.',
    );
  const name =
    typeof output === 'string'
      ? output
      : written.length === 1
        ? written[0]![0]
        : ((
            await window.showQuickPick(
              written.map(([label, each]) => ({ label, description: each.jobOutputType })),
              { title: `Output of ${titleOf(job)}` },
            )
          )?.label ?? cancelled());
  const type = job.properties.outputs?.[name]?.jobOutputType;
  return { path: outputReference(job.name, name), type: type?.endsWith('_model') ? type : undefined };
}
