import { isScalar } from 'yaml';
import { guessInputs } from '../../spec/guessInputs.ts';
import { type Cursor, pathOf } from '../cursor.ts';
import { interfaceOfStep } from '../interfaces.ts';
import { scriptsIn } from '../scripts.ts';
import type { Context } from '../workspace.ts';

/** The type of the input whose value the cursor is in. */
export interface WantedType {
  type: string;
  /** Declared by the component of a step, which takes a path for data; else guessed from the command that reads the input. */
  isDeclared: boolean;
}

export function wantedType({ ours: { document }, workspace }: Context, cursor: Cursor): WantedType | undefined {
  const path = pathOf(cursor).map(String);
  const name = cursor.key;
  if (cursor.part !== 'value' || name === undefined || path.at(-1) !== 'inputs') return undefined;
  const job = path.slice(0, -1);
  if (job.at(-2) === 'jobs' && document.at([...job, 'component']) !== null) {
    const port = interfaceOfStep(document, job, workspace)?.inputs.find((each) => each.name === name);
    return port && { type: port.type, isDeclared: true };
  }
  for (const place of [job, [...job, 'trial']]) {
    const node = document.at([...place, 'command']);
    if (!isScalar(node) || typeof node.value !== 'string') continue;
    const scripts = new Map(scriptsIn(document, place, node.value).map(({ written, file }) => [written, file]));
    const guessed = guessInputs(node.value, (script) => workspace.files.readText(scripts.get(script)!)).get(name);
    if (guessed) return { type: guessed.type, isDeclared: false };
  }
  return undefined;
}
