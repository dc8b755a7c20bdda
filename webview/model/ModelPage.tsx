import { lazy, useMemo } from 'react';
import type { AssetContainer, ModelVersion } from '../../src/protocol/asset.ts';
import type { TunedModel } from '../../src/protocol/tunedModels.ts';
import { Relations } from '../job/lineage/LineageTab.tsx';
import { Uri } from '../job/overview/Values.tsx';
import { formatNumber } from '../shared/chart/numbers.ts';
import { Files } from '../shared/files/Files.tsx';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useLive } from '../shared/live/useLive.ts';
import { usePages } from '../shared/live/usePages.ts';
import { useVersion } from '../shared/live/useVersion.ts';
import { InThisRegistry } from '../shared/registries/InThisRegistry.tsx';
import { ShareButton } from '../shared/registries/ShareButton.tsx';
import { EditableText } from '../shared/ui/EditableText.tsx';
import { Facts } from '../shared/ui/Facts.tsx';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Later } from '../shared/ui/Later.tsx';
import { LiteralFacts } from '../shared/ui/LiteralFacts.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Section } from '../shared/ui/Section.tsx';
import { BarePage, Empty, Failure, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { Tags } from '../shared/ui/Tags.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { When } from '../shared/ui/When.tsx';
import { Aliases } from './Aliases.tsx';
import { modelLineage } from './modelLineage.ts';
import { modelFiles } from './modelUri.ts';
import { SharedVersion } from './SharedVersion.tsx';
import { Signature } from './Signature.tsx';
import { Snippets } from './Snippets.tsx';
import { snippetsOf } from './snippets.ts';
import { TunedModelSection } from './TunedModelSection.tsx';
import { useTunedModel } from './useTunedModel.ts';
import { useVersionFacts } from './useVersionFacts.ts';
import { VersionComparison } from './VersionComparison.tsx';
import { metricsOf, paramsOf } from './versionFacts.ts';

const Comments = lazy(async () => ({ default: (await import('../shared/comments/Comments.tsx')).Comments }));

/** A registered model, of the workspace or of a registry: its versions, and what there is to one of them. What people say of a model, and who uses it, a workspace alone has. */
export function ModelPage({ name }: { name: string }) {
  const { registry } = useHost().client.workspace;
  const isOurs = (id: string) => id === name || id.startsWith(`${name}:`);
  const { value: model, error } = useLive(
    `model ${name}`,
    (client) => client.getContainer('models', name),
    (change) => change.kind === 'model' && isOurs(change.id),
  );
  const {
    items: versions,
    error: versionsError,
    hasMore,
    loadMore,
  } = usePages(
    `versions ${name}`,
    (client, next) => client.listVersions('models', name, next),
    (change) => change.kind === 'model' && isOurs(change.id),
  );
  const failure = error ?? versionsError;
  if (!model || !versions) {
    const isGone = failure?.code === 'AssetNotFound' || failure?.code === 'NotFound';
    return (
      <BarePage title={`Model ${name}`}>
        {isGone && (
          <Empty title="This model is not there.">
            It may have been deleted: {name}
            {registry !== undefined && `, in the registry ${registry}`}.
          </Empty>
        )}
        {!isGone && (failure ? <ReadFailure error={failure} /> : <Loading what="the model" />)}
      </BarePage>
    );
  }
  return (
    <main className="page">
      <ModelView model={model} name={name} versions={versions} hasMore={hasMore} loadMore={loadMore} />
    </main>
  );
}

interface ModelViewProps {
  name: string;
  model: AssetContainer;
  versions: readonly ModelVersion[];
  hasMore: boolean;
  loadMore(): void;
}

function ModelView({ name, model, versions, hasMore, loadMore }: ModelViewProps) {
  const { client } = useHost();
  const { registry } = client.workspace;
  const action = useAction();
  const [chosen, choose] = usePageState('version', '');
  const [tab, setTab] = usePageState('tab', 'overview');
  const version = useVersion('models', name, versions, chosen);
  const tabs = [
    { key: 'overview', label: 'Overview' },
    { key: 'files', label: 'Files' },
    ...(versions.length > 1 ? [{ key: 'compare', label: 'Compare versions' }] : []),
    ...(registry === undefined ? [{ key: 'comments', label: 'Comments' }] : []),
  ];
  const shown = tabs.find((each) => each.key === tab)?.key ?? 'overview';
  return (
    <>
      <header className="page-header">
        <div className="title-row">
          <h1 className="model-title">
            <Icon name="symbol-method" /> {name}
          </h1>
          {registry === undefined && version && (
            <div className="toolbar">
              <ShareButton kind="models" name={name} version={version.name} />
            </div>
          )}
        </div>
        <div className="subtitle">
          {registry === undefined ? (
            <EditableText
              value={model.properties.description ?? ''}
              label="Description of the model"
              placeholder="No description"
              onSave={(description) => action.run(() => client.describeModel(name, description))}
            />
          ) : (
            <>
              <InThisRegistry registry={registry} />
              {model.properties.description && <span>{model.properties.description}</span>}
            </>
          )}
        </div>
        {action.error && <Failure error={action.error} />}
      </header>
      {!version ? (
        <>
          <Empty title="This model has no version yet." />
          {registry === undefined && <ModelComments name={name} />}
        </>
      ) : (
        <div className="model-body">
          <nav className="versions" aria-label="Versions">
            <ul>
              {versions.map((each) => (
                <li key={each.name}>
                  <button type="button" aria-current={each.name === version.name} onClick={() => choose(each.name)}>
                    <span className="version-name">
                      Version {each.name}
                      {each.name === versions[0]!.name && <span className="badge">latest</span>}
                    </span>
                    <span className="version-aliases">{(each.properties.aliases ?? []).map((alias) => `@${alias}`).join(' ')}</span>
                    <span className="dim">
                      <When at={each.systemData?.createdAt} />
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {hasMore && (
              <Button secondary onClick={loadMore}>
                Load more
              </Button>
            )}
          </nav>
          <div className="version">
            <Tabs tabs={tabs} selected={shown} label={`Version ${version.name}`} onSelect={setTab}>
              {shown === 'files' ? (
                <VersionFiles key={version.name} version={version} />
              ) : shown === 'compare' ? (
                <VersionComparison name={name} versions={versions} current={version} />
              ) : shown === 'comments' ? (
                <ModelComments name={name} version={version.name} />
              ) : registry !== undefined ? (
                <SharedVersion key={version.name} registry={registry} name={name} version={version} />
              ) : (
                <VersionOverview key={version.name} name={name} version={version} run={action.run} />
              )}
            </Tabs>
          </div>
        </div>
      )}
    </>
  );
}

const ModelComments = ({ name, version }: { name: string; version?: string }) => (
  <Later what="the comments">
    <Comments on={{ kind: 'models', name }} {...(version === undefined ? {} : { version })} />
  </Later>
);

function VersionFiles({ version }: { version: ModelVersion }) {
  const { modelUri } = version.properties;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address says where the files are
  const node = useMemo(() => modelFiles(version), [modelUri]);
  const roots = useMemo(() => (node ? [node] : []), [node]);
  if (!node) return <Empty title="The files of this version are not kept by this control plane.">They are at {modelUri}.</Empty>;
  return <Files label="Files of the model" roots={roots} initial={[node.id]} />;
}

function VersionOverview({ name, version, run }: { name: string; version: ModelVersion; run(action: () => Promise<unknown>): void }) {
  const { client } = useHost();
  const { properties } = version;
  const maker = properties.jobName ?? properties.properties?.['azureml.jobName'];
  const tuned = useTunedModel(name, version.name);
  const { value: lineage, error } = useLive(
    `lineage of ${name}:${version.name} ${tuned?.base?.name ?? ''}`,
    (plane) => modelLineage(plane, version, tuned?.base?.name),
    (change) => change.kind === 'job' && change.id === maker,
    1000,
  );
  const { value: told, error: factsError } = useVersionFacts(name, version);
  const metrics = told && withoutTold(metricsOf(told), tuned);
  const params = told && paramsOf(told);
  return (
    <div className="overview">
      {factsError && <ReadFailure error={factsError} />}
      <div className="columns">
        <div className="column">
          {tuned && <TunedModelSection model={tuned} />}
          {metrics && metrics.size > 0 && (
            <Section title="Metrics">
              <Facts facts={[...metrics].map(([key, value]) => [key, <Exact key={key} value={value} />] as const)} />
            </Section>
          )}
          {told && !tuned && (
            <Section title="Signature">
              <Signature file={told.file} />
            </Section>
          )}
          {told && (
            <Section title="Load it">
              <Snippets snippets={snippetsOf(name, version.name, told.file)} />
            </Section>
          )}
          {!told && !factsError && <Loading what="metrics and signature" />}
          {params && params.size > 0 && (
            <Section title="Parameters">
              <LiteralFacts values={params} />
            </Section>
          )}
          <Section title="Comes from">
            {error ? (
              <ReadFailure error={error} />
            ) : lineage ? (
              <Relations relations={lineage} none="It was registered without a job." />
            ) : (
              <Loading what="the lineage" />
            )}
          </Section>
        </div>
        <div className="column side">
          <Section title="Aliases">
            <Aliases
              label={`Aliases of version ${version.name}`}
              aliases={properties.aliases ?? []}
              onAdd={(alias) => run(() => client.setModelAlias(name, alias, version.name))}
              onRemove={(alias) => run(() => client.deleteModelAlias(name, alias))}
            />
          </Section>
          <Section title="Details">
            <Facts
              facts={[
                [
                  'Description',
                  <EditableText
                    key="description"
                    value={properties.description ?? ''}
                    label="Description of the version"
                    placeholder="none"
                    onSave={(description) => run(() => client.describeModel(name, description, version.name))}
                  />,
                ],
                ['Type', properties.modelType],
                ['Flavors', told?.file && [...told.file.flavors.keys()].join(', ')],
                ['MLflow', told?.file?.mlflowVersion],
                ['Stage', properties.stage && properties.stage !== 'None' ? properties.stage : undefined],
                ['Job', maker && <PageLink to={{ page: 'job', name: maker }}>{maker}</PageLink>],
                ['Registered', <When key="registered" isExact at={version.systemData?.createdAt} />],
                ['By', version.systemData?.createdBy],
                ['Kept at', <Uri key="uri" uri={properties.modelUri} />],
              ]}
            />
          </Section>
          <Section title="Tags">
            <Tags
              tags={properties.tags ?? {}}
              onChange={(tags) =>
                run(async () => {
                  for (const [key, value] of Object.entries(tags)) await client.setModelTag(name, version.name, key, value);
                })
              }
            />
          </Section>
        </div>
      </div>
    </div>
  );
}

/** Metrics without those that the comparison with the base model has already, which the pipeline logs as `base/loss` and `tuned/loss`. */
function withoutTold(metrics: ReadonlyMap<string, number>, tuned: TunedModel | undefined): ReadonlyMap<string, number> {
  const told: Record<string, Record<string, number> | undefined> = { ...tuned?.facts?.metrics };
  return new Map(
    [...metrics].filter(([key]) => {
      const [, which = '', name = ''] = /^(base|tuned)\/(.+)$/.exec(key) ?? [];
      return told[which]?.[name] === undefined;
    }),
  );
}

/** A number for people, whole in its tooltip. */
const Exact = ({ value }: { value: number }) => (
  <span className="number" title={String(value)}>
    {formatNumber(value)}
  </span>
);
