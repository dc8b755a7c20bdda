import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { loadSpec } from '../spec/load.ts';
import { armBodyOf } from '../spec/rest.ts';
import { localFiles } from '../submit/localFiles.ts';

/** The ARM JSON of a YAML file. Throws `InvalidArgument` where there is none. */
export function armJsonOf(given: string): Record<string, unknown> {
  const file = path.resolve(given);
  const { spec } = loadSpec(file, localFiles, { mustBeOurs: true });
  if (!spec)
    throw new UserError('InvalidArgument', `${path.basename(file)} is no Azure ML YAML that can be read.`, 'updraft validate says why.');
  const body = armBodyOf(spec, localFiles);
  if (!body)
    throw new UserError(
      'InvalidArgument',
      `The JSON of ${kindFacts[spec.kind].title} is not known here.`,
      'docs/checks.md lists the kinds whose JSON is.',
    );
  return body;
}
