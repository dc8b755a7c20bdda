import { listAudit } from '../../src/client/audit.ts';
import type { AuditLine, AuditOutcome } from '../../src/protocol/audit.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDelayed } from '../shared/live/useDelayed.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Select, TextField } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

const outcomes: readonly { value: AuditOutcome | ''; label: string }[] = [
  { value: '', label: 'Any outcome' },
  { value: 'done', label: 'Done' },
  { value: 'refused', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
];
const looks = {
  done: { icon: 'check', tone: 'dim', label: 'Done' },
  refused: { icon: 'circle-slash', tone: 'tone-failed', label: 'Refused' },
  failed: { icon: 'warning', tone: 'tone-warning', label: 'Failed' },
} as const;
const times = [
  { value: '', label: 'Any time', days: 0 },
  { value: 'day', label: 'Last 24 hours', days: 1 },
  { value: 'week', label: 'Last 7 days', days: 7 },
  { value: 'month', label: 'Last 30 days', days: 30 },
] as const;
const dayMs = 86_400_000;

/** Who did what on the control plane of a team, the newest first. */
export function AuditPage() {
  const [who, setWho] = usePageState('who', '');
  const [resource, setResource] = usePageState('resource', '');
  const [outcome, setOutcome] = usePageState('outcome', '');
  const [time, setTime] = usePageState('time', '');
  const asked = { who: useDelayed(who, 200), resource: useDelayed(resource, 200) };
  const chosen = outcomes.find(({ value }) => value === outcome) ?? outcomes[0]!;
  const { days } = times.find(({ value }) => value === time) ?? times[0];
  const query = { ...asked, ...(chosen.value ? { outcome: chosen.value } : {}), limit: 100 };
  const { items, error, hasMore, loadMore } = usePages(
    `audit ${JSON.stringify(query)} ${days}`,
    (client, next) =>
      listAudit(client.http, { ...query, ...(days > 0 ? { since: new Date(Date.now() - days * dayMs).toISOString() } : {}) }, next),
    (change) => change.kind === 'audit',
  );
  const isFiltered = who !== '' || resource !== '' || chosen.value !== '' || days > 0;
  const clear = () => {
    for (const set of [setWho, setResource, setOutcome, setTime]) set('');
  };
  return (
    <main className="list-page">
      <h1>Audit</h1>
      <search className="bar" aria-label="Audit">
        <TextField label="Who" value={who} onChange={setWho} />
        <TextField label="Resource" value={resource} onChange={setResource} />
        <Select label="Outcome" value={chosen.value} options={outcomes} onChange={setOutcome} />
        <Select label="Time" value={time} options={times} onChange={setTime} />
      </search>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="the audit log" />}
      {items?.length === 0 &&
        (isFiltered ? (
          <Empty title="No line matches.">
            <button type="button" className="link" onClick={clear}>
              Clear the filters
            </button>
          </Empty>
        ) : (
          <Empty title="Nothing yet.">What members change, read of secrets, and are refused is listed here.</Empty>
        ))}
      {items && items.length > 0 && (
        <table className="list audit" aria-label="Audit">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">From</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {items.map((line) => (
              <AuditRow key={line.seq} line={line} />
            ))}
          </tbody>
        </table>
      )}
      {hasMore && <LoadMore onClick={loadMore} />}
    </main>
  );
}

function AuditRow({ line }: { line: AuditLine }) {
  const { at, who, action, method, path, about, workspace, from, forwardedFor, client, outcome, status, reason, missed } = line;
  const look = looks[outcome];
  return (
    <tr>
      <td>
        <div className="list-name">
          <span role="img" aria-label={look.label} title={`${look.label} (${status})`}>
            <Icon name={look.icon} className={look.tone} />
          </span>
          <span className="audit-action" title={action}>
            {shortAction(action)} {workspace && <span className="badge">{workspace}</span>}
          </span>
        </div>
        <div className="dim audit-note audit-path" title={path}>
          {method} {shortPath(path)}
          {about && ` · ${Object.values(about).join(' · ')}`}
        </div>
        {reason && (
          <div className="audit-note audit-reason" title={reason}>
            {reason}
          </div>
        )}
        {missed !== undefined && <div className="dim audit-note">{missed} more before it are not listed.</div>}
      </td>
      <td>
        {who ? who.name : <span className="dim">unknown</span>}
        {who && who.kind !== 'user' && ' '}
        {who && who.kind !== 'user' && <span className="badge">{who.agent ? `agent ${who.agent}` : who.kind}</span>}
      </td>
      <td className="dim" title={client}>
        {from}
        {forwardedFor && <div>for {forwardedFor}</div>}
      </td>
      <td className="dim">
        <When at={at} />
      </td>
    </tr>
  );
}

const shortAction = (action: string): string => action.replace(/^Microsoft\.MachineLearningServices\/(?:workspaces\/(?=.*\/))?/, '');
/** Without what is the same in the path of everything in a workspace. */
function shortPath(path: string): string {
  const [, inWorkspace] = /\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+(\/.+)$/.exec(path) ?? [];
  return inWorkspace ?? path.replace(/^.*\/providers\/(?:Microsoft\.MachineLearningServices\/)?/, '');
}
