import { useEffect, useRef, useState } from 'react';
import { sampleRequest } from '../../src/client/sampleRequest.ts';
import { deploymentHeader, type EndpointRequest } from '../../src/protocol/endpointRequest.ts';
import { engineFormats } from '../../src/protocol/inferenceEngine.ts';
import { EngineNotice } from '../shared/engine/EngineNotice.tsx';
import { useEngines } from '../shared/engine/useEngines.ts';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { asUserError, useLive } from '../shared/live/useLive.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { Button, Select } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Empty, Failure, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { type Answer, AnswerView } from './AnswerView.tsx';
import { HistoryList } from './HistoryList.tsx';
import { jsonFault, prettyJson } from './jsonText.ts';

/** Largest file that is taken for a request, in bytes. */
const mostFile = 20_000_000;

/** Sends requests to an endpoint, or to one of its deployments, and shows what they answer; those of before are kept to be looked at and sent again. */
export function EndpointPage({ name }: { name: string }) {
  const { client } = useHost();
  const found = useLive(
    `endpoint ${name}`,
    async (from) => {
      const [endpoint, deployments] = await Promise.all([
        from.getResource(['onlineEndpoints', name]),
        from.listResources(['onlineEndpoints', name, 'deployments']),
      ]);
      return { endpoint, deployments: deployments.value };
    },
    ({ kind }) => kind === 'endpoint' || kind === 'deployment',
  );
  const history = useLive(
    `requests ${name}`,
    (from) => from.listEndpointRequests(name),
    ({ kind, id }) => kind === 'endpointRequest' && id === name,
  );
  const engines = useEngines();
  const [deployment, setDeployment] = usePageState('deployment', '');
  const [draft, setDraft] = usePageState('private.draft', '');
  const [shown, show] = useState<{ answer: Answer; of: string | undefined }>();
  const [isForgetting, setForgetting] = useState(false);
  const sending = useRef<AbortController | undefined>(undefined);
  const action = useAction();
  const forgetting = useAction();

  const deployments = found.value?.deployments ?? [];
  // The one that was chosen may be gone.
  const chosen = deployments.find((each) => each.name === deployment);
  const traffic = (found.value?.endpoint.properties.traffic ?? {}) as Record<string, number>;
  const served = chosen ?? deployments.find((each) => (traffic[each.name] ?? 0) > 0) ?? deployments[0];

  // What it waits for may be the program that runs its model.
  const isStarting = deployments.some(({ properties }) => /^(?:Creating|Updating)$/.test(String(properties.provisioningState)));
  const begin = () =>
    action.run(async () => {
      if (served) setDraft(await sampleRequest(client, served));
    });
  // An empty editor begins with a sample, once: who empties it means it.
  const hasBegun = useRef(draft !== '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the deployment is known for the first time
  useEffect(() => {
    if (hasBegun.current || !served) return;
    hasBegun.current = true;
    begin();
  }, [served?.name]);

  const obstacle =
    deployments.length === 0 ? 'There is no deployment to answer.' : draft.trim() === '' ? 'The request is empty.' : undefined;
  function send() {
    if (obstacle || sending.current) return;
    const abort = new AbortController();
    sending.current = abort;
    action.run(async () => {
      const started = performance.now();
      try {
        const response = await client.sendToEndpoint(name, draft, chosen?.name, abort.signal);
        const text = await response.text();
        const answeredBy = response.headers.get(deploymentHeader) ?? undefined;
        show({ answer: { status: response.status, ms: performance.now() - started, answeredBy, text }, of: undefined });
      } catch (error) {
        if (!abort.signal.aborted) throw asUserError(error);
      } finally {
        sending.current = undefined;
      }
    });
  }
  const stop = () => sending.current?.abort();
  useEffect(() => () => sending.current?.abort(), []);
  const isSending = sending.current !== undefined && action.isRunning;

  function choose(request: EndpointRequest) {
    if (request.request !== undefined) setDraft(request.request);
    if (request.deployment === undefined || deployments.some((each) => each.name === request.deployment))
      setDeployment(request.deployment ?? '');
    const { status, ms, answeredBy, answer: text } = request;
    show({ answer: { status, ms, answeredBy, text }, of: request.id });
  }

  const fault = draft.trim() === '' ? undefined : jsonFault(draft);
  const file = useRef<HTMLInputElement>(null);
  const take = (picked: File | undefined) => {
    if (!picked) return;
    action.run(async () => {
      if (picked.size > mostFile) throw new Error(`${picked.name} has more than ${mostFile / 1_000_000} MB.`);
      setDraft(await picked.text());
    });
  };

  if (found.error && !found.value)
    return (
      <main className="page endpoint">
        <h1 className="endpoint-header">{name}</h1>
        <ReadFailure error={found.error} />
      </main>
    );
  return (
    <main className="page endpoint">
      <header className="endpoint-header">
        <h1>
          <Icon name="globe" /> {name}
        </h1>
        {deployments.length > 0 && (
          <Select
            label="Deployment"
            value={chosen?.name ?? ''}
            options={[
              { value: '', label: 'By traffic' },
              ...deployments.map((each) => ({ value: each.name, label: `${each.name}, ${traffic[each.name] ?? 0} %` })),
            ]}
            onChange={setDeployment}
          />
        )}
        {chosen && String(chosen.properties.provisioningState) === 'Failed' && (
          <span className="status-bad">
            <Icon name="error" /> It has failed.
          </span>
        )}
      </header>
      {isStarting && engineFormats.map((format) => <EngineNotice key={format} engines={engines} format={format} isQuiet />)}
      {!found.value ? (
        <Loading what="the endpoint" />
      ) : (
        <div className="endpoint-body">
          <div className="endpoint-talk">
            <section className="endpoint-request" aria-label="Request">
              <div className="endpoint-bar">
                <h2>Request</h2>
                <div className="toolbar" role="toolbar" aria-label="Request">
                  <ToolButton icon="lightbulb" label="Begin with a sample" text="Sample" disabled={!served} onClick={begin} />
                  <ToolButton icon="go-to-file" label="Take a file" text="File" onClick={() => file.current?.click()} />
                  <ToolButton
                    icon="json"
                    label="Format the JSON"
                    text="Format"
                    disabled={fault !== undefined || draft.trim() === ''}
                    onClick={() => setDraft(prettyJson(draft))}
                  />
                </div>
                <input
                  ref={file}
                  type="file"
                  hidden
                  aria-label="File with the request"
                  accept=".json,.txt,application/json"
                  onChange={({ currentTarget }) => {
                    take(currentTarget.files?.[0]);
                    currentTarget.value = '';
                  }}
                />
              </div>
              <textarea
                className="edit"
                aria-label="Body of the request"
                spellCheck={false}
                rows={Math.min(16, Math.max(7, draft.split('\n').length))}
                value={draft}
                onInput={({ currentTarget }) => setDraft(currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Escape') stop();
                  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
                  event.preventDefault();
                  send();
                }}
              />
              <div className="endpoint-send">
                <span className={fault ? 'is-fault' : 'dim'}>
                  {obstacle ??
                    (isSending ? 'Waiting for the answer. Escape stops.' : fault ? `This is no JSON: ${fault}` : 'Ctrl+Enter sends')}
                </span>
                {isSending ? (
                  <Button secondary onClick={stop}>
                    Stop
                  </Button>
                ) : (
                  <Button disabled={obstacle !== undefined} onClick={send}>
                    Send
                  </Button>
                )}
              </div>
            </section>
            {action.error && <Failure error={action.error} />}
            {shown ? (
              <AnswerView answer={shown.answer} isOld={shown.of !== undefined} />
            ) : (
              !action.error && (
                <div className="state">
                  <p className="state-text">
                    {deployments.length === 0
                      ? 'Deploy a model to this endpoint first.'
                      : 'The answer comes here, with its status and time.'}
                  </p>
                </div>
              )
            )}
          </div>
          <aside className="endpoint-past" aria-label="Past requests">
            <div className="endpoint-bar">
              <h2>Past requests</h2>
              <ToolButton
                icon="clear-all"
                label="Forget the past requests"
                disabled={!history.value?.length}
                onClick={() => setForgetting(true)}
              />
            </div>
            {isForgetting && (
              <Confirm
                question="Forget them all?"
                detail="They are kept on this machine alone."
                action="Forget"
                otherwise="Keep"
                onAnswer={(isSure) => {
                  setForgetting(false);
                  if (isSure) forgetting.run(() => client.forgetEndpointRequests(name));
                }}
              />
            )}
            {forgetting.error && <Failure error={forgetting.error} />}
            {history.error && <ReadFailure error={history.error} />}
            {!history.value && !history.error && <Loading what="past requests" />}
            {history.value?.length === 0 && <Empty title="None yet.">What you send is kept here, on this machine, to be sent again.</Empty>}
            {history.value && history.value.length > 0 && <HistoryList requests={history.value} chosen={shown?.of} onChoose={choose} />}
          </aside>
        </div>
      )}
      <p className="visually-hidden" role="status">
        {isSending ? 'The request was sent.' : shown ? `Answered with ${shown.answer.status}.` : ''}
      </p>
    </main>
  );
}
