import { type Job, titleOf } from '../../src/protocol/job.ts';
import { type Schedule, scheduleProperty } from '../../src/protocol/schedule.ts';
import { triggerText } from '../../src/protocol/triggerText.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Failure, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { StatusIcon } from '../shared/ui/status.tsx';
import { lookOf } from '../shared/ui/statusLook.ts';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** Jobs of a schedule that its line shows: the last ones. */
const lastRuns = 5;
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** Every schedule of the workspace: when it starts its job, what came of the last times, and the switch of it. */
export function SchedulesPage() {
  const { items, error, hasMore, loadMore } = usePages(
    'schedules',
    (client, next) => client.listSchedules('All', next),
    (change) => change.kind === 'schedule',
  );
  return (
    <main className="list-page">
      <h1>Schedules</h1>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="schedules" />}
      {items?.length === 0 && (
        <Empty title="No schedules yet.">
          A schedule starts a job at fixed times. Write its YAML, then create it with{' '}
          <code>updraft schedule create --file schedule.yml</code>.
        </Empty>
      )}
      {items && items.length > 0 && (
        <table className="list schedules" aria-label="Schedules">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">When</th>
              <th scope="col">Next</th>
              <th scope="col">Last jobs</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((schedule) => (
              <ScheduleRow key={schedule.name} schedule={schedule} />
            ))}
          </tbody>
        </table>
      )}
      {hasMore && <LoadMore onClick={loadMore} />}
    </main>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { client } = useHost();
  const action = useAction();
  const { name, properties } = schedule;
  const isEnabled = properties.isEnabled !== false;
  const factOf = (fact: keyof typeof scheduleProperty) => properties.properties?.[scheduleProperty[fact]];
  const { value: runs } = useLive(
    `jobs of ${name}`,
    async () => (await client.listJobs({ schedule: name, listViewType: 'All', top: lastRuns })).value.slice(0, lastRuns),
    (change) => change.kind === 'job' && change.id.startsWith(`${name}-`),
  );
  const refused = factOf('error');
  const next = factOf('next');
  return (
    <tr>
      <td>
        <div className="list-name">
          <Icon name={refused ? 'warning' : isEnabled ? 'watch' : 'debug-pause'} className={refused ? 'tone-warning' : ''} />
          <span title={name}>{properties.displayName || name}</span>
        </div>
        {properties.description && <div className="dim schedule-note">{properties.description}</div>}
        {refused && <div className="schedule-note">Its last job was refused. {refused}</div>}
        {factOf('skipped') && <div className="dim schedule-note">Missed: {factOf('skipped')}</div>}
        {action.error && <Failure error={action.error} />}
      </td>
      <td>{triggerText(properties.trigger)}</td>
      <td>
        {!isEnabled ? (
          <span className="dim">disabled</span>
        ) : next ? (
          <time dateTime={next}>{absolute.format(new Date(next))}</time>
        ) : (
          <span className="dim">{factOf('note') ?? 'no time to come'}</span>
        )}
      </td>
      <td>
        <div className="schedule-runs">
          {runs?.map((run) => (
            <RunLink key={run.name} run={run} />
          ))}
          {runs?.length === 0 && <span className="dim">none yet</span>}
        </div>
      </td>
      <td className="schedule-actions">
        <ToolButton
          icon="play"
          label={`Start the job of ${name} now`}
          disabled={action.isRunning}
          onClick={() => action.run(() => client.triggerSchedule(name))}
        />
        <ToolButton
          icon={isEnabled ? 'debug-pause' : 'debug-continue'}
          label={`${isEnabled ? 'Disable' : 'Enable'} ${name}`}
          disabled={action.isRunning}
          onClick={() => action.run(() => client.putSchedule(name, { ...properties, isEnabled: !isEnabled }))}
        />
      </td>
    </tr>
  );
}

/** A job as the icon of its status, the newest first. */
function RunLink({ run }: { run: Job }) {
  const status = lookOf(run.properties.status).label;
  const at = run.systemData?.createdAt;
  const what = `${titleOf(run)}, ${status}${at ? `, ${absolute.format(new Date(at))}` : ''}`;
  return (
    <PageLink to={{ page: 'job', name: run.name }} title={what}>
      <span role="img" aria-label={what}>
        <StatusIcon status={run.properties.status} />
      </span>
    </PageLink>
  );
}
