import { formatBytes } from '../../src/base/text.ts';
import type { TunedModel } from '../../src/protocol/tunedModels.ts';
import { EngineNotice } from '../shared/engine/EngineNotice.tsx';
import { useEngines } from '../shared/engine/useEngines.ts';
import { useHost } from '../shared/host/host.ts';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { ExternalLink } from '../shared/ui/ExternalLink.tsx';
import { Facts } from '../shared/ui/Facts.tsx';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Section } from '../shared/ui/Section.tsx';
import { DeployedModel } from './DeployedModel.tsx';
import { MetricsBeforeAndAfter } from './MetricsBeforeAndAfter.tsx';
import { dataText, verificationText } from './tunedTexts.ts';

/** A version that is an adapter: the model that it changes, what it was trained on, how good it has become, and the ways to use it. */
export function TunedModelSection({ model }: { model: TunedModel }) {
  const { open } = useHost();
  const engines = useEngines();
  const { name, version, ids, facts, base, problem, isChecking } = model;
  const canRun = problem === undefined;
  const { metrics, data, verification } = facts ?? {};
  return (
    <>
      <Section title={base ? `Adapter of ${plainText(base.name, 100)}` : 'Adapter'}>
        {problem && (
          <div className="notice tuned-problem" role="note">
            <Icon name="warning" className="tone-warning" />
            <div>
              <p>It does not run here. {plainText(problem.message, 600)}</p>
              {problem.hint && <p className="dim">{plainText(problem.hint, 600)}</p>}
              {problem.toGet && (
                <p>
                  <Button onClick={() => open({ page: 'models', name: '', state: { wanted: problem.toGet } })}>
                    {`Get ${plainText(problem.toGet, 60)}`}
                  </Button>
                </p>
              )}
            </div>
          </div>
        )}
        {isChecking && (
          <p className="dim" role="status">
            <Icon name="loading" spin /> Its base model is looked for on this machine.
          </p>
        )}
        {canRun && <EngineNotice engines={engines} format="gguf" />}
        <div className="tuned-actions">
          <Button disabled={!canRun} onClick={() => open({ page: 'playground', name: '', state: { models: [ids[0]!] } })}>
            Try in playground
          </Button>
          <DeployedModel name={name} version={version} canRun={canRun} />
        </div>
        <Facts
          facts={[
            ['Ask for it as', <Names key="names" ids={ids} />],
            [
              'Base model',
              base && plainText([base.name, base.title && base.title !== base.name ? `(${base.title})` : ''].join(' ').trim(), 200),
            ],
            ['Licence', base?.license && <License key="license" name={base.license} url={base.licenseUrl} />],
            ['Base file', facts && `${plainText(facts.base.file, 100)}, ${formatBytes(facts.base.bytes)}`],
            ['Base SHA-256', facts && <Hash key="base" sha256={facts.base.sha256} of="the base model" />],
            ['Trained on', data && dataText(data)],
            ['Data SHA-256', data?.sha256 && <Hash key="data" sha256={data.sha256} of="the data" />],
            [
              'Verified',
              verification && (
                <span key="verified" className="status-text tuned-verified">
                  <Icon
                    name={verification.isEqual === false ? 'error' : 'pass'}
                    className={verification.isEqual === false ? 'tone-failed' : 'tone-passed'}
                  />
                  <span>{verificationText(verification)}</span>
                </span>
              ),
            ],
          ]}
        />
      </Section>
      {metrics && <MetricsBeforeAndAfter before={metrics.base ?? {}} after={metrics.tuned ?? {}} rows={data?.test} />}
    </>
  );
}

function Names({ ids }: { ids: readonly string[] }) {
  return (
    <span className="tuned-names">
      {ids.map((id) => (
        <span key={id} className="tuned-name">
          <code>{plainText(id, 200)}</code>
          <CopyButton text={id} label={`Copy ${plainText(id, 100)}`} />
        </span>
      ))}
    </span>
  );
}

function License({ name, url }: { name: string; url: string | undefined }) {
  const text = plainText(name, 100);
  return url ? <ExternalLink href={url}>{text}</ExternalLink> : text;
}

/** The first letters tell it from others; the whole is there to be copied. */
const Hash = ({ sha256, of }: { sha256: string; of: string }) => (
  <span className="tuned-name">
    <code title={sha256}>{sha256.slice(0, 12)}…</code>
    <CopyButton text={sha256} label={`Copy the SHA-256 of ${of}`} />
  </span>
);
