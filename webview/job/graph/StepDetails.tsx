import type { GraphNode } from '../../../src/protocol/graph.ts';
import { isCommand, isTerminal, type Job, jobProperty } from '../../../src/protocol/job.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Duration } from '../../shared/ui/Duration.tsx';
import { Facts } from '../../shared/ui/Facts.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { Section } from '../../shared/ui/Section.tsx';
import { StatusText } from '../../shared/ui/status.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { ErrorBox } from '../overview/ErrorBox.tsx';
import { Values } from '../overview/Values.tsx';

interface StepDetailsProps {
  pipeline: Job;
  node: GraphNode;
  jobs: ReadonlyMap<string, Job>;
  onClose(): void;
  openLog(): void;
}

/** What a chosen box of the graph stands for. */
export function StepDetails({ pipeline, node, jobs, onClose, openLog }: StepDetailsProps) {
  const isEnd = node.kind === 'input' || node.kind === 'output';
  const job = isEnd ? undefined : jobOf(pipeline, node.id, jobs);
  return (
    <aside className="details" aria-label={`Details of ${node.label}`}>
      <header>
        <h2 title={node.label}>{node.label}</h2>
        <ToolButton icon="close" label="Close the details" onClick={onClose} />
      </header>
      {isEnd ? (
        <EndDetails pipeline={pipeline} node={node} />
      ) : job ? (
        <JobDetails job={job} openLog={openLog} />
      ) : (
        <p className="dim">{isTerminal(pipeline.properties.status!) ? 'This step was not started.' : 'This step has not started yet.'}</p>
      )}
    </aside>
  );
}

function EndDetails({ pipeline, node }: { pipeline: Job; node: GraphNode }) {
  const values = node.kind === 'input' ? pipeline.properties.inputs : pipeline.properties.outputs;
  const value = values?.[node.label];
  return (
    <>
      <p className="dim">{node.kind === 'input' ? 'Input of the pipeline' : 'Output of the pipeline'}</p>
      {value && <Values values={{ [node.label]: value }} status={pipeline.properties.status} />}
    </>
  );
}

function JobDetails({ job, openLog }: { job: Job; openLog(): void }) {
  const [, setStep] = usePageState('step', '');
  const { properties } = job;
  const { value: run } = useLive(
    `run ${job.name}`,
    async (client) => (await client.getRun(job.name)).run,
    (change) => change.id === job.name && (change.kind === 'metric' || change.kind === 'job'),
    500,
  );
  const metrics = run?.data.metrics ?? [];
  const reusedFrom = properties.properties?.[jobProperty.reusedFrom];
  return (
    <>
      <div className="subtitle">
        <StatusText status={properties.status} />
        {!reusedFrom && <Duration from={properties.startedAt} to={properties.endedAt} />}
      </div>
      {properties.progress && <p className="progress">{properties.progress}</p>}
      <p className="links">
        <PageLink to={{ page: 'job', name: job.name }}>Open its page</PageLink>
        {isCommand(job) && (
          <button
            type="button"
            className="link"
            onClick={() => {
              setStep(job.name);
              openLog();
            }}
          >
            Show its log
          </button>
        )}
      </p>
      {reusedFrom && (
        <p>
          Reused the result of <PageLink to={{ page: 'job', name: reusedFrom }}>{reusedFrom}</PageLink>.
        </p>
      )}
      {properties.error && <ErrorBox job={job} error={properties.error} isShort />}
      {metrics.length > 0 && (
        <Section title="Metrics">
          <Facts facts={metrics.map((metric) => [metric.key, formatNumber(Number(metric.value))] as const)} />
        </Section>
      )}
      {Object.keys(properties.inputs ?? {}).length > 0 && (
        <Section title="Inputs">
          <Values values={properties.inputs!} status={properties.status} />
        </Section>
      )}
      {Object.keys(properties.outputs ?? {}).length > 0 && (
        <Section title="Outputs">
          <Values values={properties.outputs!} status={properties.status} />
        </Section>
      )}
      {isCommand(job) && (
        <Section title="Command">
          <pre className="code">{job.properties.command}</pre>
        </Section>
      )}
    </>
  );
}

/** The job of the box whose id is the path of step names from the pipeline on. */
function jobOf(pipeline: Job, id: string, jobs: ReadonlyMap<string, Job>): Job | undefined {
  let at: Job | undefined = pipeline;
  for (const name of id.split('/')) {
    const parent: string | undefined = at?.name;
    at = [...jobs.values()].find((each) => each.properties.parentJobName === parent && each.properties.nodeName === name);
  }
  return at;
}
