import { existsSync, writeFileSync } from 'node:fs';
import { UserError } from '../../base/userError.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required } from '../parsed.ts';
import { readReport } from '../report/readReport.ts';
import { reportHtml } from '../report/reportHtml.ts';
import { version } from '../version.ts';
import { wanted } from './assets.ts';

/** Writes how a version of a model came to be to a page of HTML. */
export async function reportModel(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const file = required(parsed, 'file');
  if (existsSync(file)) throw new UserError('Conflict', `There is a file ${file} already.`, 'Name a new one.');
  const { client, lock } = await connect(parsed);
  const found = await wanted(client, parsed, 'models');
  const report = await readReport(client, name, found);
  writeFileSync(file, reportHtml(report, { at: new Date().toISOString(), plane: lock.url, version }), { flag: 'wx' });
  return { value: { file, name, version: found.name }, text: () => `The report of ${name} ${found.name} is in ${file}.` };
}
