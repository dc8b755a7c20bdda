import { type QuickPickItem, QuickPickItemKind, Uri } from 'vscode';
import type { Kind, KindFacts } from '../../spec/kinds/all.ts';
import type { Question } from '../../spec/template.ts';
import { askInStep, chooseInStep, type StepOptions, throughSteps } from '../editor/steps.ts';
import type { Command } from './command.ts';
import { checkFileName, folderFor, freeFileName, writeAndOpen } from './newFile.ts';
import { newPipeline } from './pipelineNew.ts';

const families: Record<KindFacts['family'], string> = {
  job: 'Jobs',
  component: 'Components',
  asset: 'Assets',
  endpoint: 'Endpoints',
  deployment: 'Deployments',
  schedule: 'Schedules',
  compute: 'Compute',
  datastore: 'Datastores',
  workspace: 'Workspaces',
  connection: 'Connections',
  flow: 'Prompt flow',
};

interface KindItem extends QuickPickItem {
  chosen?: Kind | 'assemble';
}

/** A new file of any kind: asks for the kind, for what a file of it can't be without, and for its name; Back leads to the question before. */
export const specNew: Command = {
  id: 'updraft.spec.new',
  async run(app, argument) {
    const folder = await folderFor(argument);
    const [{ kindFacts, kindNames }, { follow }, { questionsOf, templateOf }, { beside }, { localFiles }] = await Promise.all([
      import('../../spec/kinds/all.ts'),
      import('../../spec/field.ts'),
      import('../../spec/template.ts'),
      import('../../spec/paths.ts'),
      import('../../submit/localFiles.ts'),
    ]);
    const items = kindItems();
    let chosen: KindItem | undefined;
    let name: string | undefined;
    const answers = new Map<string, string>();

    await throughSteps((index) => {
      if (index === 0)
        return async () => {
          const shown = await chooseInStep(
            { title: 'New Azure ML YAML', step: 1, totalSteps: 3 },
            { items, active: chosen, placeHolder: 'What to write' },
          );
          if (shown !== 'back' && shown.value !== chosen) {
            chosen = shown.value;
            answers.clear();
          }
          return shown;
        };
      const kind = chosen!.chosen!;
      if (kind === 'assemble') return undefined;
      const questions = questionsOf(kind, answers);
      const options = { title: `New ${kindFacts[kind].title.replace(/^an? /, '')}`, step: index + 1, totalSteps: questions.length + 2 };
      const question = questions[index - 1];
      if (question) return () => answer(options, question, answers);
      if (index > questions.length + 1) return undefined;
      return async () => {
        const value = name ?? (kind === 'promptFlow' ? 'flow.dag.yaml' : await freeFileName(folder, answers.get('name') ?? fileBase(kind)));
        const shown = await askInStep(options, {
          value,
          prompt: `Name of the file in ${folder.path}`,
          check: (text) => checkFileName(folder, text),
        });
        if (shown !== 'back') name = shown.value;
        return shown;
      };
    });
    const kind = chosen!.chosen!;
    if (kind === 'assemble') return newPipeline(app, folder);
    await writeAndOpen(
      Uri.joinPath(folder, name!),
      templateOf(kind, answers, (path) => localFiles.readText(beside(Uri.joinPath(folder, name!).fsPath, path))),
    );

    function kindItems(): KindItem[] {
      const found: KindItem[] = [
        {
          label: 'Pipeline from components…',
          description: 'of this workspace, bound to each other by type',
          iconPath: undefined,
          chosen: 'assemble',
        },
      ];
      for (const [family, label] of Object.entries(families)) {
        found.push({ label, kind: QuickPickItemKind.Separator });
        for (const each of kindNames.filter((one) => kindFacts[one].family === family)) {
          const { title, schema, here } = kindFacts[each];
          const about = follow(schema).description?.split(/(?<=\.)\s/)[0];
          found.push({
            label: nounOf(title),
            description: here === 'later' ? 'does not run on this machine yet' : '',
            ...(about ? { detail: about } : {}),
            chosen: each,
          });
        }
      }
      return found;
    }
  },
};

/** `a command job` -> `Command job`, as an entry of a list. */
const nounOf = (title: string): string => {
  const noun = title.replace(/^an? /, '');
  return noun[0]!.toUpperCase() + noun.slice(1);
};

/** `managedOnlineEndpoint` -> `managed_online_endpoint`. */
const fileBase = (kind: Kind): string => kind.replace(/[A-Z]+/g, (letters, at) => `${at ? '_' : ''}${letters.toLowerCase()}`);

async function answer(
  options: StepOptions,
  { at, title, about, choices, sample, pattern, patternHint }: Question,
  answers: Map<string, string>,
) {
  const known = answers.get(at) ?? sample;
  if (choices) {
    const items = choices.map((choice) => ({ label: choice.value, description: choice.about }));
    const shown = await chooseInStep(options, {
      items,
      active: items.find(({ label }) => label === known),
      placeHolder: `${title}: ${about}`,
    });
    if (shown !== 'back') answers.set(at, shown.value.label);
    return shown;
  }
  const rule = pattern === undefined ? undefined : new RegExp(pattern);
  const check = (text: string) =>
    text === '' ? "It can't be left out." : rule && !rule.test(text) ? (patternHint ?? `It must match ${pattern}.`) : undefined;
  const shown = await askInStep(options, { value: known, prompt: `${title}: ${about}`, check });
  if (shown !== 'back') answers.set(at, shown.value);
  return shown;
}
