import * as Type from 'typebox';
import { Check } from 'typebox/schema';
import { UserError } from '../../base/userError.ts';
import { type AuditCheck, AuditLine, type AuditPage, type AuditQuery, type NewAuditLine } from '../../protocol/audit.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { EntityReader, EntityWriter } from '../../store/entities.ts';
import type { Lease } from '../../store/leases.ts';
import type { Store, WorkspaceStore } from '../../store/store.ts';
import { hashOf, noHash } from './auditChain.ts';
import { dayOf, daysBack } from './days.ts';
import { matches } from './matches.ts';

/** Where its lines are: no workspace can be called so. Writes of one workspace run one after the other, also those of several servers, so that each line follows the newest. */
export const auditPlace = ' audit';
/** Lines that are read at a time, and the most that are looked at for one answer. */
const batch = 1000;
const mostLooked = 50_000;

/** The ends of the log: what came before the oldest line that is kept, and the newest line. Days are as in `2026-11-27`. */
const Ends = Type.Object({
  before: Type.Object({ seq: Type.Integer(), hash: Type.String(), day: Type.String() }),
  newest: Type.Object({ seq: Type.Integer(), hash: Type.String(), day: Type.String() }),
});
type Ends = Type.Static<typeof Ends>;

/**
 * Who did what, from where and with what outcome. Lines are only added. Each has the hash of the one before, so that a line which is changed, or removed, shows. Lines of a day belong together: the oldest days go
 * when they have been kept for long enough, and a line says so.
 */
export class AuditLog {
  private readonly store: WorkspaceStore;
  private readonly now: () => number;

  /** `lease`: under which it is written, for work that one of several servers does. */
  constructor(store: Store, now: () => number, lease?: Lease) {
    this.store = store.in(auditPlace, thePlane, lease);
    this.now = now;
  }

  /** On disk when it settles. */
  async append(line: NewAuditLine): Promise<void> {
    await this.store.write(({ entities }) => this.add(entities, line));
  }

  private async add(entities: EntityWriter, line: NewAuditLine): Promise<void> {
    const today = dayOf(this.now());
    const { before, newest } = (await endsOf(entities)) ?? {
      before: { seq: 0, hash: noHash, day: today },
      newest: { seq: 0, hash: noHash, day: today },
    };
    const chained = { ...line, seq: newest.seq + 1, previous: newest.hash };
    const whole: AuditLine = { ...chained, hash: hashOf(chained) };
    // A clock that went back does not divide a day.
    const day = dayOf(Math.max(this.now(), Date.parse(newest.day)));
    await entities.put({ kind: 'auditLine', id: idOf(whole.seq), scope: day, at: whole.seq, body: whole });
    await putEnds(entities, { before, newest: { seq: whole.seq, hash: whole.hash, day } });
  }

  /** The newest first; of those, the ones that `isShown`. Throws `InvalidRequest` for a query that can't be meant. */
  async read(query: AuditQuery, isShown: (line: AuditLine) => boolean): Promise<AuditPage> {
    const ends = await endsOf(this.store.entities);
    if (!ends) return { value: [] };
    const [since, until] = [timeOf('since', query.since), timeOf('until', query.until)];
    const [startDay, startSeq] = placeOf(query.before) ?? [ends.newest.day, ends.newest.seq + 1];
    const limit = Math.min(query.limit ?? 100, batch);
    const value: AuditLine[] = [];
    let looked = 0;
    const oldest = ends.before.day;
    const lastDay = since === undefined ? oldest : dayOf(Math.max(since, Date.parse(oldest)));
    for (const day of daysBack(startDay, lastDay)) {
      // The clock of a line, and the day it is kept under, may differ where a clock went back: the lines themselves decide.
      for await (const { line } of linesOf(this.store.entities, day, startSeq)) {
        looked++;
        const at = Date.parse(line.at);
        if ((since === undefined || at >= since) && (until === undefined || at < until) && matches(line, query) && isShown(line))
          value.push(line);
        if (value.length === limit || looked === mostLooked) return { value, next: `${day}/${line.seq}` };
      }
    }
    return { value };
  }

  /** As `verifyAudit`, of the store as it is now. */
  verify(known?: { seq: number; hash: string }): Promise<AuditCheck> {
    return verifyAudit(this.store.entities, known);
  }

  /** Removes whole days that ended before a time (ms since 1970); a line says which lines went. Answers how many. */
  async trim(until: number): Promise<number> {
    let gone = 0;
    for (;;) {
      const count = await this.store.write(async ({ entities }) => {
        const ends = await endsOf(entities);
        const last = dayOf(until);
        if (!ends || ends.before.day >= last || ends.before.day >= ends.newest.day) return undefined;
        const { day } = ends.before;
        const [newest] = await entities.list('auditLine', day, 0, 1);
        const next = dayOf(Date.parse(day) + 86_400_000);
        const line = newest?.body as AuditLine | undefined;
        await putEnds(entities, { ...ends, before: line ? { seq: line.seq, hash: line.hash, day: next } : { ...ends.before, day: next } });
        if (!line) return 0;
        const removed = await entities.deleteAll('auditLine', day);
        await this.add(entities, {
          at: new Date(this.now()).toISOString(),
          who: { kind: 'plane', id: 'plane', name: 'plane' },
          action: 'Updraft/audit/lines/delete',
          method: 'DELETE',
          path: '/updraft/audit',
          about: { lines: `${line.seq - removed + 1} to ${line.seq}`, day },
          outcome: 'done',
          status: 204,
        });
        return removed;
      });
      if (count === undefined) return gone;
      gone += count;
    }
  }
}

/** Looks at every line that is kept, and at what each says of the one before. `known` is a line that was the newest one once. */
export async function verifyAudit(entities: EntityReader, known?: { seq: number; hash: string }): Promise<AuditCheck> {
  const ends = await endsOf(entities);
  const gone = known ? [`Line ${known.seq}, which was there, is missing.`] : [];
  if (!ends) return { lines: 0, first: 0, head: { seq: 0, hash: noHash }, problems: gone };
  const { before, newest } = ends;
  const problems: string[] = known && known.seq > newest.seq ? gone : [];
  let [expected, hash, lines] = [newest.seq, newest.hash, 0];
  for (const day of daysBack(newest.day, before.day))
    for await (const { seq, line } of linesOf(entities, day, newest.seq + 1)) {
      lines++;
      if (seq > expected) problems.push(`Line ${seq} is not in its place.`);
      if (seq < expected) problems.push(missing(seq + 1, expected));
      const isWhole = Check(AuditLine, line) && line.seq === seq && hashOf(withoutHash(line)) === line.hash;
      if (seq === known?.seq && line.hash !== known.hash) problems.push(`Line ${seq} is another one than it was.`);
      // The line before one that is missing, or was changed, is known by nothing but itself.
      if (!isWhole || (seq === expected && hash !== '' && line.hash !== hash)) problems.push(`Line ${seq} was changed.`);
      [expected, hash] = [seq - 1, isWhole ? line.previous : ''];
    }
  if (expected > before.seq) problems.push(missing(before.seq + 1, expected));
  else if (hash !== before.hash && hash !== '') problems.push(`Line ${before.seq + 1} does not follow what was there before it.`);
  return { lines, first: before.seq + 1, head: { seq: newest.seq, hash: newest.hash }, problems: problems.reverse() };
}

/** Lines of a day with a smaller number, the newest first. */
async function* linesOf(entities: EntityReader, day: string, below: number): AsyncGenerator<{ seq: number; line: AuditLine }> {
  const [newest] = await entities.list('auditLine', day, 0, 1);
  if (!newest) return;
  let last = below;
  for (let offset = Math.max(0, newest.at - below + 1); ; ) {
    const found = await entities.list('auditLine', day, offset, batch);
    // Lines that came meanwhile have moved the others on: those are seen again.
    for (const { id, body } of found) {
      const seq = Number(id);
      if (seq >= last) continue;
      last = seq;
      yield { seq, line: body as AuditLine };
    }
    if (found.length < batch) return;
    offset += batch;
  }
}

const missing = (from: number, to: number): string => (from === to ? `Line ${from} is missing.` : `Lines ${from} to ${to} are missing.`);

const idOf = (seq: number): string => String(seq).padStart(15, '0');

async function endsOf(entities: EntityReader): Promise<Ends | undefined> {
  const found = (await entities.get('auditEnds', 'ends'))?.body;
  if (found === undefined) return undefined;
  if (!Check(Ends, found)) throw new Error('The ends of the audit log can not be read.');
  return found;
}

const putEnds = (entities: EntityWriter, ends: Ends): Promise<void> =>
  entities.put({ kind: 'auditEnds', id: 'ends', scope: ends.newest.day, at: 0, body: ends });

function withoutHash({ hash: _hash, ...line }: AuditLine): Omit<AuditLine, 'hash'> {
  return line;
}

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UserError(
      'InvalidRequest',
      `"${text.slice(0, 100)}" is no time for ${name}.`,
      'Give a day or a time as in ISO 8601, such as 2026-11-27 or 2026-11-27T08:30:00Z.',
    );
  return time;
}

function placeOf(text: string | undefined): [day: string, below: number] | undefined {
  if (text === undefined) return undefined;
  const [, day, seq] = /^(\d{4}-\d{2}-\d{2})\/(\d{1,15})$/.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(day)))
    throw new UserError('InvalidRequest', 'before is no place in the audit log.', 'Give the "next" of an answer.');
  return [day, Number(seq)];
}
