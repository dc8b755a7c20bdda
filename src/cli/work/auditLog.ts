import { createWriteStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../base/userError.ts';
import { auditLines, listAudit as auditPage } from '../../client/audit.ts';
import { allPages } from '../../client/planeClient.ts';
import type { AuditCheck, AuditLine, AuditQuery } from '../../protocol/audit.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf, timeOf } from '../textParts.ts';
import { teamPlane } from './teamPlane.ts';

const usual = 50;
const keys = ['who', 'action', 'resource', 'outcome', 'since', 'until'] as const;

const queryOf = (parsed: Parsed): AuditQuery => Object.fromEntries(keys.map((key) => [key, text(parsed, key)]));

export async function listAudit(parsed: Parsed): Promise<Outcome> {
  const plane = await teamPlane(parsed);
  const most = whole(parsed, 'max-results') ?? usual;
  const query = { ...queryOf(parsed), limit: most };
  const value: AuditLine[] = [];
  for await (const line of allPages((next) => auditPage(plane, query, next))) {
    value.push(line);
    if (value.length === most) break;
  }
  return {
    value,
    text: () =>
      tableOf(
        ['WHEN', 'WHO', 'ACTION', 'RESOURCE', 'FROM', 'OUTCOME'],
        value.map((line) =>
          [timeOf(line.at), whoOf(line), shortAction(line.action), resourceOf(line), line.from ?? '', outcomeOf(line)].map((cell) =>
            plain(cell ?? ''),
          ),
        ),
        'The audit log has no such line.',
      ),
  };
}

export async function exportAudit(parsed: Parsed): Promise<Outcome> {
  const file = required(parsed, 'file');
  if (existsSync(file)) throw new UserError('Conflict', `There is a file ${file} already.`, 'Name a new one.');
  const answer = await auditLines(await teamPlane(parsed), queryOf(parsed));
  await pipeline(
    Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
  );
  return { text: () => `The lines are in ${file}.` };
}

export async function verifyAudit(parsed: Parsed): Promise<Outcome> {
  const head = text(parsed, 'head');
  const value = await (await teamPlane(parsed)).json<AuditCheck>(
    'GET',
    `/updraft/audit/verify${head ? `?head=${encodeURIComponent(head)}` : ''}`,
  );
  const { lines, first, head: newest, problems } = value;
  const whole = lines === 0 ? 'The audit log has no line.' : `Lines ${first} to ${newest.seq} are as they were written.`;
  return {
    value,
    text: () =>
      [
        ...(problems.length > 0 ? ['The audit log is not as it was written:', ...problems.map((each) => `  ${each}`)] : [whole]),
        `Newest line: ${newest.seq}:${newest.hash}`,
        'Keep this elsewhere: "updraft audit verify --head" with it tells later whether newer lines were removed at the end.',
      ].join('\n'),
    exitCode: problems.length > 0 ? 1 : 0,
  };
}

const whoOf = ({ who }: AuditLine): string =>
  who ? (who.agent ? `${who.agent} for ${who.name}` : who.kind === 'job' ? `${who.id} of ${who.name}` : who.name) : '(unknown)';
const shortAction = (action: string): string => action.replace(/^Microsoft\.MachineLearningServices\//, '');
const outcomeOf = ({ outcome, status }: AuditLine): string => (outcome === 'done' ? outcome : `${outcome} (${status})`);

/** Without what is the same in every path. */
function resourceOf({ path, workspace, about }: AuditLine): string {
  const short = path.replace(/^.*\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+/, '') || path;
  const names = Object.entries(about ?? {}).map(([key, value]) => `${key}=${value}`);
  return [workspace ? `${workspace}:` : '', short, ...names].filter(Boolean).join(' ');
}

/** Without what a terminal would obey: paths come from whoever asked. */
const plain = (cell: string): string => cell.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
