import { type KeyboardEvent, useRef } from 'react';
import { formatDuration } from '../../../src/base/text.ts';
import type { TraceInfo } from '../../../src/protocol/trace.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { useDelayed } from '../../shared/live/useDelayed.ts';
import { TextField } from '../../shared/ui/fields.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { LoadMore } from '../../shared/ui/LoadMore.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { When } from '../../shared/ui/When.tsx';
import { tokenCount, tokenParts, tokenText } from './tokenCount.ts';
import { traceDuration, traceName, traceTokens } from './traceFacts.ts';
import { traceFilter } from './traceFilter.ts';
import { lookOfTrace, spanDuration } from './traceLook.ts';
import { useTraces } from './useTraces.ts';

interface TraceListProps {
  experiment: string;
  runs: readonly string[];
  onOpen(trace: string): void;
}

/** Traces of runs, the newest first, with a line to search by. */
export function TraceList({ experiment, runs, onOpen }: TraceListProps) {
  const [typed, setTyped] = usePageState('traces', '');
  const settled = useDelayed(typed, 250);
  const { traces, hasMore, loadMore, fault, error } = useTraces(experiment, traceFilter(runs, settled));
  const body = useRef<HTMLTableSectionElement>(null);

  function move(event: KeyboardEvent) {
    const names = [...(body.current?.querySelectorAll('button') ?? [])];
    const at = names.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (at < 0 || to === undefined || !names[to]) return;
    event.preventDefault();
    names[to].focus();
  }

  if (!traces && !fault) return error ? <ReadFailure error={error} /> : <Loading what="the traces" />;
  if (traces?.length === 0 && settled.trim() === '' && typed.trim() === '') return <NoTraces />;
  return (
    <div className="traces">
      <div className="bar">
        <TextField
          label="Search traces"
          placeholder="Words, or a filter: status = 'ERROR' AND execution_time > 500"
          value={typed}
          onChange={setTyped}
        />
        {fault && (
          <p className="trace-fault tone-failed" role="alert">
            {plainText(fault.message, 300)}
          </p>
        )}
      </div>
      {traces?.length === 0 && !fault && (
        <Empty title="No trace fits.">
          <button type="button" className="link" onClick={() => setTyped('')}>
            Show all traces
          </button>
        </Empty>
      )}
      {traces && traces.length > 0 && (
        <div className="traces-scroll">
          <table className="trace-table" aria-label="Traces">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Status</th>
                <th scope="col">Time</th>
                <th scope="col" className="numeric">
                  Duration
                </th>
                <th scope="col" className="numeric">
                  Tokens
                </th>
                <th scope="col">Request</th>
                <th scope="col">Response</th>
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={move}>
              {traces.map((trace) => (
                <TraceRow key={trace.trace_id} trace={trace} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
          {hasMore && <LoadMore onClick={loadMore} />}
        </div>
      )}
    </div>
  );
}

function TraceRow({ trace, onOpen }: { trace: TraceInfo; onOpen(trace: string): void }) {
  const look = lookOfTrace(trace.state);
  const duration = traceDuration(trace);
  const tokens = tokenCount(traceTokens(trace));
  return (
    <tr onClick={() => onOpen(trace.trace_id)}>
      <th scope="row">
        <button type="button" className="link trace-name" title={trace.trace_id}>
          {traceName(trace)}
        </button>
      </th>
      <td className="trace-status">
        <Icon name={look.icon} spin={look.spin === true} className={`tone-${look.tone}`} /> {look.label}
      </td>
      <td>
        <When at={trace.request_time} />
      </td>
      <td className="numeric">{duration === undefined ? '' : spanDuration(duration, formatDuration)}</td>
      <td className="numeric" title={tokens && tokenParts(tokens)}>
        {tokens && tokenText(tokens)}
      </td>
      <Preview text={trace.request_preview} />
      <Preview text={trace.response_preview} />
    </tr>
  );
}

function Preview({ text = '' }: { text: string | undefined }) {
  const plain = plainText(text, 300);
  return (
    <td className="trace-preview" title={plain}>
      {plain}
    </td>
  );
}

function NoTraces() {
  return (
    <Empty title="This job has no traces.">
      <p>
        A trace shows what an application of language models did: each call with its inputs, outputs, time and tokens. Put{' '}
        <code>@mlflow.trace</code> above a function, or call <code>mlflow.autolog()</code> first, as in
      </p>
      <pre className="code trace-how">{howTo}</pre>
    </Empty>
  );
}

const howTo = `import mlflow

@mlflow.trace
def answer(question: str) -> str:
    ...

with mlflow.start_run():
    answer("What is a trace?")`;
