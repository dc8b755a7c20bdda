import { reasonLine } from '../base/tracebacks.ts';
import type { JobError } from '../protocol/job.ts';
import { calls } from './calls.ts';
import type { Cause } from './cause.ts';
import { exits } from './exits.ts';
import { files } from './files.ts';
import { gpu } from './gpu.ts';
import { memory } from './memory.ts';
import { packages } from './packages.ts';
import { pypiNames } from './pypiNames.ts';
import { services } from './services.ts';
import { values } from './values.ts';

/** Every cause that is known. Of those that fit the same line the first counts, so that what says more stands first. */
export const causes: readonly Cause[] = [...packages, ...gpu, ...memory, ...files, ...calls, ...values, ...services];

export interface LikelyCause {
  id: string;
  why: string;
  fix: string;
  /** The line of the log that tells it; undefined when the exit code alone does. */
  line?: string;
}

/** What a terminal takes for colours. */
const colours = /\u001b\[[0-9;]*m/g;

/** Longest part of a line that is looked at, and of a name that is repeated: whoever wrote the log is not trusted. */
const longestLine = 2000;
const longestName = 200;

/**
 * The likely cause of a job's failure: from the exception that ended it, else from the lines before its end, the last one first, else from its exit code.
 * undefined where nothing is known.
 */
export function likelyCause({ exitCode, stderrTail = [], message }: JobError): LikelyCause | undefined {
  const reason = reasonLine(stderrTail);
  const lines = [...(reason === undefined ? [] : [stderrTail[reason]!]), ...stderrTail.toReversed(), message];
  for (const whole of lines) {
    const line = whole.slice(0, longestLine).replace(colours, '').trimEnd();
    for (const { id, says, why, fix } of causes) {
      const match = says.exec(line);
      if (match) return { id, why: filled(why, match), fix: filled(fix, match), line };
    }
  }
  const known = exitCode === undefined ? undefined : exits[exitCode];
  return known && { id: `exit-${exitCode}`, ...known };
}

function filled(text: string, { groups = {} }: RegExpExecArray): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'package') return packageOf(groups.module ?? '');
    const value = groups[name]?.replace(/[\p{Cc}\p{Cf}]/gu, '');
    return value === undefined ? whole : value.length > longestName ? `${value.slice(0, longestName)}…` : value;
  });
}

/** The package that brings a module, as PyPI names it. */
function packageOf(module: string): string {
  const [first = ''] = module.split('.');
  if (module.startsWith('azure.')) return `azure-${module.split('.').slice(1, 3).join('-')}`;
  return pypiNames[first] ?? first.replaceAll('_', '-').slice(0, longestName);
}
