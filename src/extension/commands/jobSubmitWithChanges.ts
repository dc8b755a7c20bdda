import { QuickPickItemKind, window } from 'vscode';
import { openFiles } from '../editor/openFiles.ts';
import { ask, cancelled, fileArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { submitFile } from './submission.ts';

interface Changes {
  inputs: Map<string, string>;
  name?: string;
  experiment?: string;
  displayName?: string;
}

/** Of the YAML. */
const keys = { name: 'name', experiment: 'experiment_name', displayName: 'display_name' } as const;

/** One list of everything that can be changed; each choice asks for a value and comes back, until Submit. */
export const jobSubmitWithChanges: Command = {
  id: 'updraft.job.submitWithChanges',
  async run(app, argument) {
    const uri = await fileArgument(app, argument, 'Submit a job with changes');
    const [{ loadSpec }, { overrideProblem }] = await Promise.all([
      import('../../spec/load.ts'),
      import('../../submit/overrideProblem.ts'),
    ]);
    const { spec } = loadSpec(uri.fsPath, openFiles);
    // What is wrong with the file is said by the submission, in the one way in which it is said everywhere.
    if (!spec) return submitFile(app, uri);
    const changes: Changes = { inputs: new Map() };
    const overrides = () => [...changes.inputs].map(([name, value]) => `inputs.${name}${pathOf(spec.value.inputs[name])}=${value}`);
    /** What the editor would say of the file with this value in it. */
    const check = (key: string) => (text: string) => overrideProblem(uri.fsPath, openFiles, overrides(), `${key}=${text}`);
    const inputs = Object.entries((spec.value.inputs ?? {}) as Record<string, unknown>).map(([name, value]) => ({
      name,
      value: shown(value),
    }));
    for (;;) {
      const changed = (value: string | undefined, before: string) => (value === undefined ? before : `${value}  (changed)`);
      const items = [
        { label: '$(play) Submit', act: 'submit' },
        { label: 'Inputs', kind: QuickPickItemKind.Separator, act: '' },
        ...inputs.map(({ name, value }) => ({ label: name, description: changed(changes.inputs.get(name), value), act: `input:${name}` })),
        { label: 'Job', kind: QuickPickItemKind.Separator, act: '' },
        { label: 'Display name', description: changed(changes.displayName, String(spec.value.display_name ?? '')), act: 'displayName' },
        { label: 'Experiment', description: changed(changes.experiment, String(spec.value.experiment_name ?? '')), act: 'experiment' },
        { label: 'Name', description: changed(changes.name, String(spec.value.name ?? 'a new one')), act: 'name' },
      ];
      const chosen = await window.showQuickPick(items, {
        title: 'Submit with changes',
        placeHolder: 'Choose what to change, or submit',
        ignoreFocusOut: true,
      });
      if (!chosen) cancelled();
      if (chosen.act === 'submit') break;
      if (chosen.act.startsWith('input:')) {
        const input = chosen.act.slice('input:'.length);
        const before = changes.inputs.get(input) ?? inputs.find((each) => each.name === input)?.value ?? '';
        changes.inputs.set(
          input,
          await ask(`Input ${input}`, { value: before, check: check(`inputs.${input}${pathOf(spec.value.inputs[input])}`) }),
        );
      } else {
        const key = chosen.act as 'name' | 'experiment' | 'displayName';
        changes[key] = await ask(chosen.label, {
          value: changes[key] ?? '',
          // Left empty, the file's own stays.
          check: (text) => (text ? check(keys[key])(text) : undefined),
        });
      }
    }
    const { name, experiment, displayName } = changes;
    await submitFile(app, uri, {
      overrides: overrides(),
      ...(name ? { name } : {}),
      ...(experiment ? { experiment } : {}),
      ...(displayName ? { displayName } : {}),
    });
  },
};

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** Where the text of an input is: an asset has it in its `path`, a long literal in its `value`. */
const pathOf = (value: unknown): string => (isMap(value) ? ('path' in value ? '.path' : '.value') : '');
const shown = (value: unknown): string => String((isMap(value) ? (value.path ?? value.value ?? value.default) : value) ?? '');
