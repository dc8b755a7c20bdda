import { useState } from 'react';
import { aside } from '../../src/base/aside.ts';
import { deletePromptCase, listPromptCases } from '../../src/client/promptCases.ts';
import type { PromptCase } from '../../src/protocol/promptCase.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { safeText } from '../shared/ui/safeText.ts';
import { Empty, Failure, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { isExpected } from './isExpected.ts';
import { nameOfModel } from './nameOfModel.ts';
import { type CaseResult, useCaseRuns } from './useCaseRuns.ts';

/** Longest answer that is put on the page. */
const longestShown = 20_000;

/** The test cases of the workspace, and what the chosen models answer to them, side by side. */
export function CasesPanel({ models, obstacle }: { models: readonly string[]; obstacle: string | undefined }) {
  const { client } = useHost();
  const { value: cases, error } = useLive(
    'prompt cases',
    ({ http }) => listPromptCases(http),
    ({ kind }) => kind === 'promptCase',
  );
  const { results, isRunning, run, stop } = useCaseRuns();
  const [deleting, setDeleting] = useState<PromptCase>();
  const deletion = useAction();
  const start = (which: readonly PromptCase[]) => aside('test cases', run(which, models), console);
  const all = (cases ?? []).flatMap(({ id, expected }) => models.map((model) => ({ result: results[id]?.[model], expected })));
  const judged = all.filter(({ result, expected }) => result?.state === 'ended' && expected);
  const right = judged.filter(({ result, expected }) => isExpected(result!.text, expected)).length;
  return (
    <section className="cases" aria-label="Test cases">
      <div className="cases-bar">
        <h2>Test cases</h2>
        {judged.length > 0 && (
          <span className="dim" role="status">
            {right} of {judged.length} answers as expected
          </span>
        )}
        {isRunning ? (
          <Button secondary onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button disabled={obstacle !== undefined || !cases?.length} onClick={() => start(cases ?? [])}>
            Run all
          </Button>
        )}
      </div>
      {obstacle && <p className="dim">{obstacle}</p>}
      {error && <ReadFailure error={error} />}
      {deletion.error && <Failure error={deletion.error} />}
      {!cases && !error && <Loading what="test cases" />}
      {cases?.length === 0 && (
        <Empty title="No test cases yet.">
          Ask something, and choose <em>Save as a test case</em> beside the prompt: it can then be asked again of another model or adapter.
        </Empty>
      )}
      {cases?.map((each) => (
        <article key={each.id} className="case" aria-label={`Test case ${each.name}`}>
          <header>
            <h3>{safeText(each.name)}</h3>
            <div className="toolbar">
              <ToolButton
                icon="play"
                label={`Run ${each.name}`}
                disabled={isRunning || obstacle !== undefined}
                onClick={() => start([each])}
              />
              <ToolButton icon="trash" label={`Delete ${each.name}`} disabled={isRunning} onClick={() => setDeleting(each)} />
            </div>
          </header>
          {deleting?.id === each.id && (
            <Confirm
              question={`Delete the test case?`}
              detail={each.name}
              action="Delete"
              otherwise="Keep"
              onAnswer={(isSure) => {
                setDeleting(undefined);
                if (isSure) deletion.run(() => deletePromptCase(client.http, each.id));
              }}
            />
          )}
          <dl className="case-asked">
            {each.messages.map(({ role, content, tool_calls: calls = [] }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: messages of a case never change their places
              <div key={index}>
                <dt>{role}</dt>
                <dd>
                  {safeText(content.slice(0, longestShown))}
                  {calls.map(({ id, function: called }) => (
                    <code key={id}>{safeText(`${called.name}(${called.arguments})`)}</code>
                  ))}
                </dd>
              </div>
            ))}
            {each.expected && (
              <div>
                <dt>expected</dt>
                <dd>{safeText(each.expected.slice(0, longestShown))}</dd>
              </div>
            )}
          </dl>
          <div className="answers">
            {models.map((model) => {
              const result = results[each.id]?.[model];
              return result && <Result key={model} model={model} result={result} expected={each.expected} />;
            })}
          </div>
        </article>
      ))}
    </section>
  );
}

function Result({ model, result: { text, state, error }, expected }: { model: string; result: CaseResult; expected: string }) {
  const isRight = isExpected(text, expected);
  return (
    <section className="answer" aria-label={`Answer of ${nameOfModel(model)}`} aria-busy={state === 'running'}>
      <header>
        <h2 title={model}>{nameOfModel(model)}</h2>
        {state === 'ended' && expected && (
          <span className={isRight ? 'tone-passed' : 'tone-failed'}>
            <Icon name={isRight ? 'pass' : 'error'} /> {isRight ? 'as expected' : 'differs'}
          </span>
        )}
      </header>
      {text && (
        <p className="answer-plain" dir="auto">
          {safeText(text.slice(0, longestShown))}
        </p>
      )}
      {(state === 'waiting' || state === 'running') && (
        <p className="dim waiting">
          <Icon name="loading" spin /> {state === 'waiting' ? 'Waits for its turn' : 'Answers'}
        </p>
      )}
      {state === 'stopped' && <p className="dim">Stopped</p>}
      {state === 'failed' && (
        <p className="answer-error">
          <Icon name="error" className="tone-failed" /> <span>{error}</span>
        </p>
      )}
    </section>
  );
}
