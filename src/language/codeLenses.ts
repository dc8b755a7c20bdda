import { plural } from '../base/text.ts';
import { isRunnableJob } from '../spec/kind.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { rangeOf } from './positions.ts';
import type { Context } from './workspace.ts';

/** A lens above a line: a command of the editor, by name, which gets the file's uri and the places. */
export interface Lens {
  range: ReturnType<typeof rangeOf>;
  title: string;
  tooltip: string;
  /** `references` shows `places`; the others are the extension's own commands. */
  command: 'submit' | 'submitTo' | 'submitWithChanges' | 'preview' | 'validate' | 'create' | 'schedule' | 'graph' | 'references';
  /** Files to show, for `references`. */
  files?: string[];
}

/**
 * Submit, What will run, Validate, Graph or Create above the first line; for a component, by how many files it is used. `submitTo`: the other workspace that the
 * file was last submitted to, '' for none yet; absent where there is no other plane.
 */
export function codeLenses({ ours, workspace }: Context, submitTo?: string): Lens[] {
  const { document, kind } = ours;
  const range = rangeOf(document, 0, 0);
  const validate: Lens = { range, title: '$(check) Validate', tooltip: 'Check this file and everything it refers to', command: 'validate' };
  const lenses: Lens[] = [];
  if (isRunnableJob(kind)) {
    lenses.push(
      { range, title: '$(play) Submit', tooltip: 'Check, upload the code and run on this machine', command: 'submit' },
      ...(submitTo === undefined ? [] : [toOther(range, submitTo)]),
      { range, title: 'Submit with changes…', tooltip: 'Change inputs, name or experiment for this one run', command: 'submitWithChanges' },
      {
        range,
        title: 'What will run',
        tooltip: 'The job as it would be created now, and which steps are reused. Nothing is sent',
        command: 'preview',
      },
    );
  } else if (kind && ['component', 'asset'].includes(kindFacts[kind].family) && kindFacts[kind].here !== 'later')
    lenses.push({ range, title: '$(add) Create', tooltip: 'Keep this as a new version in the workspace', command: 'create' });
  else if (kind === 'schedule')
    lenses.push({ range, title: '$(watch) Create', tooltip: 'Start the job at these times from now on', command: 'schedule' });
  lenses.push(validate);
  if (kind === 'pipelineJob' || kind === 'pipelineComponent')
    lenses.push({
      range,
      title: '$(type-hierarchy-sub) Graph',
      tooltip: 'Show the steps and what flows between them, beside the text',
      command: 'graph',
    });
  if (kind && kindFacts[kind].family === 'component') {
    const files = workspace.usersOf(document.file);
    if (files.length)
      lenses.push({ range, title: `used by ${plural(files.length, 'file')}`, tooltip: files.join('\n'), command: 'references', files });
  }
  return lenses;
}

const toOther = (range: Lens['range'], place: string): Lens => ({
  range,
  title: place === '' ? 'Submit to…' : `Submit to ${place}`,
  tooltip: 'Run it in another workspace. What it names and is missing there goes with it; before that you see what will run',
  command: 'submitTo',
});
