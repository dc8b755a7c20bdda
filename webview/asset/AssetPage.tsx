import { useMemo } from 'react';
import type { DataVersion } from '../../src/protocol/asset.ts';
import { type AssetPageKind, pageOfAsset } from '../../src/protocol/assetPage.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { commitPage } from '../job/overview/facts.ts';
import { Uri } from '../job/overview/Values.tsx';
import { Files } from '../shared/files/Files.tsx';
import { uriNode } from '../shared/files/sources.ts';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { usePages } from '../shared/live/usePages.ts';
import { useVersion } from '../shared/live/useVersion.ts';
import { InThisRegistry } from '../shared/registries/InThisRegistry.tsx';
import { RegistryReference } from '../shared/registries/RegistryReference.tsx';
import { ShareButton } from '../shared/registries/ShareButton.tsx';
import { Facts } from '../shared/ui/Facts.tsx';
import { Select } from '../shared/ui/fields.tsx';
import { GoalLink } from '../shared/ui/Goal.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Section } from '../shared/ui/Section.tsx';
import { BarePage, Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

const icons: Record<AssetPageKind, string> = { data: 'database', environments: 'package', components: 'extensions' };
/** What of a version is told in words of its own; the rest is shown as it is kept. */
const told = [
  'description',
  'tags',
  'properties',
  'isArchived',
  'dataUri',
  'dataType',
  'image',
  'condaFile',
  'isAnonymous',
  'provisioningState',
];

/** Data, an environment or a component, of the workspace or of a registry: its versions, and what there is to one of them. */
export function AssetPage({ kind, name }: { kind: AssetPageKind; name: string }) {
  const noun = pageOfAsset[kind];
  const { registry } = useHost().client.workspace;
  const [chosen, choose] = usePageState('version', '');
  const { items, error, hasMore, loadMore } = usePages(
    `versions of ${kind} ${name}`,
    (client, next) => client.listVersions(kind, name, next),
    (change) => change.kind === noun && (change.id === name || change.id.startsWith(`${name}:`)),
  );
  const version = useVersion(kind, name, items, chosen);
  if (!items || !version) {
    const isGone = items !== undefined || error?.code === 'AssetNotFound' || error?.code === 'NotFound';
    return (
      <BarePage title={`${noun} ${name}`}>
        {isGone && (
          <Empty title={`This ${noun} is not there.`}>
            It may have been deleted: {name}
            {registry !== undefined && `, in the registry ${registry}`}.
          </Empty>
        )}
        {!isGone && (error ? <ReadFailure error={error} /> : <Loading what={`the ${noun}`} />)}
      </BarePage>
    );
  }
  return (
    <main className="page">
      <header className="page-header">
        <div className="title-row">
          <h1 className="asset-title">
            <Icon name={icons[kind]} /> {name}
          </h1>
          <div className="toolbar">
            <Select
              label="Version"
              value={version.name!}
              options={(items.includes(version) ? items : [...items, version]).map((each) => ({
                value: each.name!,
                label: `Version ${each.name}${each === items[0] ? ' (latest)' : ''}`,
              }))}
              onChange={choose}
            />
            {hasMore && <LoadMore onClick={loadMore} />}
            {registry === undefined && <ShareButton kind={kind} name={name} version={version.name!} />}
          </div>
        </div>
        {registry !== undefined && (
          <div className="subtitle">
            <InThisRegistry registry={registry} />
          </div>
        )}
        {chosen !== '' && version.name !== chosen && <p className="dim">There is no version {chosen} any more.</p>}
      </header>
      <VersionView key={version.name} kind={kind} name={name} registry={registry} version={version as DataVersion} />
    </main>
  );
}

interface VersionProps {
  kind: AssetPageKind;
  name: string;
  registry: string | undefined;
  version: DataVersion;
}

function VersionView({ kind, name, registry, version }: VersionProps) {
  const properties = version.properties as unknown as Record<string, unknown>;
  const facts = (properties.properties ?? {}) as Record<string, string>;
  const text = (key: string) => (typeof properties[key] === 'string' ? (properties[key] as string) : undefined);
  const [maker, dataUri] = [facts['azureml.jobName'], text('dataUri')];
  const isFile = text('dataType') === 'uri_file';
  const node = useMemo(() => (dataUri ? uriNode(dataUri, 'Content', isFile) : undefined), [dataUri, isFile]);
  const rest = Object.fromEntries(Object.entries(properties).filter(([key, value]) => !told.includes(key) && value !== null));
  return (
    <div className="overview asset">
      <Section title={`Version ${version.name}`}>
        <Facts
          facts={[
            ['Description', text('description')],
            ['Type', text('dataType')],
            ['Image', text('image') && <code key="image">{text('image')}</code>],
            [
              'Reference',
              registry !== undefined && <RegistryReference key="id" registry={registry} kind={kind} name={name} version={version.name!} />,
            ],
            ['Kept at', dataUri && registry === undefined && <Uri key="uri" uri={dataUri} />],
            ['Made by', maker && registry === undefined && <PageLink to={{ page: 'job', name: maker }}>{maker}</PageLink>],
            [
              'Commit',
              facts[jobProperty.gitCommit] && (
                <GoalLink key="commit" to={commitPage(facts)}>
                  <code>{facts[jobProperty.gitCommit]!.slice(0, 10)}</code>
                </GoalLink>
              ),
            ],
            ['Registered', <When key="registered" isExact at={version.systemData?.createdAt} />],
            ['By', version.systemData?.createdBy],
            ...Object.entries((properties.tags ?? {}) as Record<string, string>).map(([key, value]) => [key, value || '✓'] as const),
          ]}
        />
      </Section>
      {text('condaFile') && (
        <Section title="Conda file">
          <pre className="code">{text('condaFile')}</pre>
        </Section>
      )}
      {kind !== 'data' && Object.keys(rest).length > 0 && (
        <Section title={kind === 'components' ? 'Definition' : 'More'}>
          <pre className="code">{JSON.stringify(rest.componentSpec ?? rest, null, 2)}</pre>
        </Section>
      )}
      {node && (
        <div className="asset-files">
          <Files label="Files of the data" roots={[node]} initial={[node.id]} />
        </div>
      )}
    </div>
  );
}
