import { useEffect, useRef, useState } from 'react';
import { formatBytes } from '../../src/base/text.ts';
import type { UserError } from '../../src/base/userError.ts';
import { findModel, getModel } from '../../src/client/localModels.ts';
import type { FindModelAnswer, ModelFound } from '../../src/protocol/localModels.ts';
import { useHost } from '../shared/host/host.ts';
import { asUserError } from '../shared/live/useLive.ts';
import { ExternalLink } from '../shared/ui/ExternalLink.tsx';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure, Loading } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { fitLook } from './modelTexts.ts';

/** What is said of a model before it is downloaded: its size, whether it runs here, and its licence, which is accepted once. Of a repository with several models one is chosen first. */
export function GetDialog({ model, onClose }: { model: string; onClose(): void }) {
  const { client, command } = useHost();
  const dialog = useRef<HTMLDialogElement>(null);
  const [asked, setAsked] = useState(model);
  const [tries, setTries] = useState(0);
  const [token, setToken] = useState('');
  const [answer, setAnswer] = useState<FindModelAnswer>();
  const [fault, setFault] = useState<UserError>();
  const { run, error, isRunning } = useAction();
  useEffect(() => dialog.current?.showModal(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a token is used for the next try, not while it is typed
  useEffect(() => {
    let isCurrent = true;
    setAnswer(undefined);
    setFault(undefined);
    findModel(client.http, asked, token || undefined).then(
      (found) => isCurrent && setAnswer(found),
      (reason) => isCurrent && setFault(asUserError(reason)),
    );
    return () => {
      isCurrent = false;
    };
  }, [client, asked, tries]);
  const tryAgain = () => setTries((count) => count + 1);
  const get = ({ license, name }: ModelFound) =>
    run(async () => {
      await getModel(client.http, { model: asked, ...(license ? { acceptedLicense: license.key } : {}) }, token || undefined);
      command?.('model.followDownload', { name });
      onClose();
    });
  const found = answer && 'name' in answer ? answer : undefined;
  const isUnaccepted = found?.license !== undefined && !found.license.isAccepted;
  return (
    <dialog className="dialog get-dialog" ref={dialog} aria-label={`Get ${plainText(asked, 120)}`} onClose={onClose}>
      <h2>{plainText(found?.name ?? asked, 120)}</h2>
      {!answer && !fault && <Loading what="what its source says of it" />}
      {fault && (
        <Failure error={fault}>
          {fault.code === 'Forbidden' && !command && (
            <label className="get-token">
              <span>Your access token of the Hugging Face Hub, which is kept nowhere</span>
              <input
                className="edit"
                type="password"
                autoComplete="off"
                value={token}
                onChange={(event) => setToken(event.currentTarget.value)}
              />
            </label>
          )}
          <div className="dialog-buttons">
            {fault.code === 'Forbidden' && command && (
              <Button secondary onClick={() => command('hub.setToken', {})}>
                Set an access token…
              </Button>
            )}
            <Button onClick={tryAgain}>Try again</Button>
          </div>
        </Failure>
      )}
      {answer && 'choices' in answer && <Choices choices={answer.choices} onChoose={setAsked} />}
      {found && <About found={found} />}
      {error && <Failure error={error} />}
      <div className="dialog-buttons">
        <Button secondary onClick={onClose}>
          Close
        </Button>
        {found && (
          <Button disabled={isRunning} onClick={() => get(found)}>
            {`${isUnaccepted ? 'Accept the licence and get' : 'Get'}${found.bytes ? ` ${formatBytes(found.bytes)}` : ''}`}
          </Button>
        )}
      </div>
    </dialog>
  );
}

function About({ found: { source, bytes, fit, diskProblem, license } }: { found: ModelFound }) {
  return (
    <>
      <p>
        {bytes === undefined ? 'Its source does not say how large it is.' : `${formatBytes(bytes)} to download.`} {fit && plainText(fit)}
      </p>
      {diskProblem && (
        <p className="status-text">
          <Icon name="warning" className="tone-warning" />
          {plainText(diskProblem)}
        </p>
      )}
      <p className="dim get-source">{plainText(source.replace(/[?#].*$/, ''), 300)}</p>
      {license ? (
        <>
          <p>
            Licence:{' '}
            {license.url ? <ExternalLink href={license.url}>{plainText(license.name, 100)}</ExternalLink> : plainText(license.name, 100)}
            {license.isAccepted && <span className="dim">, which was accepted before</span>}
          </p>
          {license.text ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by the keyboard too
            <section className="get-license" tabIndex={0} aria-label="Text of the licence">
              {license.text}
            </section>
          ) : (
            <p className="dim">Its text is not among its files: read it at its source.</p>
          )}
        </>
      ) : (
        <p className="dim">Its source does not say which licence it has.</p>
      )}
    </>
  );
}

function Choices({
  choices,
  onChoose,
}: {
  choices: Extract<FindModelAnswer, { choices: unknown }>['choices'];
  onChoose(model: string): void;
}) {
  return (
    <>
      <p>It has several models. Which one?</p>
      <ul className="get-choices">
        {choices.map(({ model, name, bytes, fit }) => {
          const look = fit && fitLook(fit);
          return (
            <li key={model}>
              <button type="button" className="link" onClick={() => onChoose(model)}>
                {plainText(name, 120)}
              </button>
              <span className="dim number">{bytes !== undefined && formatBytes(bytes)}</span>
              <span className="status-text">
                {look && (
                  <>
                    <Icon name={look.icon} className={look.tone} />
                    {look.text}
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}
