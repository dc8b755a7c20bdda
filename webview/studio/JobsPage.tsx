import { type JobStatus, runningStatuses, titleOf, waitingStatuses } from '../../src/protocol/job.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDelayed } from '../shared/live/useDelayed.ts';
import { useLive } from '../shared/live/useLive.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Duration } from '../shared/ui/Duration.tsx';
import { Select, TextField } from '../shared/ui/fields.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { StatusIcon } from '../shared/ui/status.tsx';
import { lookOf } from '../shared/ui/statusLook.ts';
import { When } from '../shared/ui/When.tsx';

const statuses: { value: string; label: string; statuses: readonly JobStatus[] }[] = [
  { value: '', label: 'Any status', statuses: [] },
  { value: 'running', label: 'Running', statuses: runningStatuses },
  { value: 'queued', label: 'Queued', statuses: waitingStatuses },
  { value: 'completed', label: 'Completed', statuses: ['Completed'] },
  { value: 'failed', label: 'Failed', statuses: ['Failed', 'NotResponding'] },
  { value: 'canceled', label: 'Canceled', statuses: ['Canceled'] },
];

/** Every job of the workspace, newest first. */
export function JobsPage() {
  const [search, setSearch] = usePageState('search', '');
  const [status, setStatus] = usePageState('status', '');
  const [experiment, setExperiment] = usePageState('experiment', '');
  const wanted = useDelayed(search, 200);
  const { value: experiments } = useLive(
    'experiments',
    async (client) => (await client.searchExperiments()).experiments ?? [],
    (change) => change.kind === 'experiment',
    1000,
  );
  const chosen = statuses.find((each) => each.value === status) ?? statuses[0]!;
  const query = { top: 50, search: wanted, status: chosen.statuses, ...(experiment ? { experiment } : {}) };
  const { items, error, hasMore, loadMore } = usePages(
    `jobs ${JSON.stringify(query)}`,
    (client, next) => client.listJobs(query, next),
    (change) => change.kind === 'job' && change.parent === undefined,
  );
  const isFiltered = search !== '' || chosen.value !== '' || experiment !== '';
  // A kept choice may name an experiment that is gone, or beyond the first hundred.
  const names = [...new Set([...(experiment ? [experiment] : []), ...(experiments ?? []).map((each) => each.name)])];
  return (
    <main className="list-page">
      <h1>Jobs</h1>
      <search className="bar" aria-label="Jobs">
        <TextField label="Search by name" value={search} onChange={setSearch} />
        <Select label="Status" value={chosen.value} options={statuses} onChange={setStatus} />
        <Select
          label="Experiment"
          value={experiment}
          options={[{ value: '', label: 'All experiments' }, ...names.map((name) => ({ value: name, label: name }))]}
          onChange={setExperiment}
        />
      </search>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="jobs" />}
      {items?.length === 0 &&
        (isFiltered ? (
          <Empty title="No job matches.">
            <button
              type="button"
              className="link"
              onClick={() => {
                setSearch('');
                setStatus('');
                setExperiment('');
              }}
            >
              Clear the filters
            </button>
          </Empty>
        ) : (
          <Empty title="No jobs yet.">
            Submit one from VS Code, or with <code>updraft job submit --file pipeline.yml</code>.
          </Empty>
        ))}
      {items && items.length > 0 && (
        <table className="list" aria-label="Jobs">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Experiment</th>
              <th scope="col">Tags</th>
              <th scope="col" className="numeric">
                Duration
              </th>
              <th scope="col">Submitted</th>
              <th scope="col">By</th>
            </tr>
          </thead>
          <tbody>
            {items.map((job) => (
              <tr key={job.name}>
                <td>
                  <div className="list-name">
                    <span title={lookOf(job.properties.status).label} role="img" aria-label={lookOf(job.properties.status).label}>
                      <StatusIcon status={job.properties.status} />
                    </span>
                    <PageLink to={{ page: 'job', name: job.name }} title={job.name}>
                      {titleOf(job)}
                    </PageLink>
                    {job.properties.jobType === 'Pipeline' && <span className="badge">pipeline</span>}
                    {job.properties.progress && <span className="dim list-progress">{job.properties.progress}</span>}
                  </div>
                </td>
                <td>{job.properties.experimentName}</td>
                <td className="list-tags">
                  {Object.entries(job.properties.tags ?? {})
                    .slice(0, 3)
                    .map(([key, value]) => (
                      <span key={key} className="badge" title={`${key}: ${value}`}>
                        {value ? `${key}: ${value}` : key}
                      </span>
                    ))}
                </td>
                <td className="numeric">
                  <Duration from={job.properties.startedAt} to={job.properties.endedAt} />
                </td>
                <td>
                  <When at={job.systemData?.createdAt} />
                </td>
                <td className="dim">{job.systemData?.createdBy}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasMore && <LoadMore onClick={loadMore} />}
    </main>
  );
}
