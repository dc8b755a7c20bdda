import { InRegistry } from '../shared/host/InRegistry.tsx';
import { usePageState } from '../shared/host/pageState.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { BarePage, Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { When } from '../shared/ui/When.tsx';
import { useIsTeam } from '../studio/useIsTeam.ts';
import { AssetList, type ListedKind } from './AssetList.tsx';
import { RoleList } from './RoleList.tsx';

const kinds: readonly { key: ListedKind; label: string }[] = [
  { key: 'models', label: 'Models' },
  { key: 'data', label: 'Data' },
  { key: 'environments', label: 'Environments' },
  { key: 'components', label: 'Components' },
];

/** A registry: what is in it, by kind, and on the plane of a team who may use it. */
export function RegistryPage({ name }: { name: string }) {
  const { value: registry, error } = useLive(
    `registry ${name}`,
    (client) => client.getRegistry(name),
    ({ kind, id }) => kind === 'registry' && id === name,
  );
  const isTeam = useIsTeam();
  const [tab, setTab] = usePageState('tab', 'models');
  if (!registry || error?.code === 'NotFound')
    return (
      <BarePage title={`Registry ${name}`}>
        {error?.code === 'NotFound' && (
          <Empty title="This registry is not there.">
            It may have been deleted, or you have no role on it: {name}.{' '}
            <PageLink to={{ page: 'registries', name: '' }}>All registries</PageLink>
          </Empty>
        )}
        {error?.code !== 'NotFound' && (error ? <ReadFailure error={error} /> : <Loading what="the registry" />)}
      </BarePage>
    );
  const tabs = isTeam ? [...kinds, { key: 'roles', label: 'Roles' }] : kinds;
  const shown = tabs.find(({ key }) => key === tab)?.key ?? 'models';
  const kind = kinds.find(({ key }) => key === shown)?.key;
  const description = registry.properties.description;
  return (
    <main className="page">
      <header className="page-header">
        <div className="title-row">
          <h1 className="asset-title">
            <Icon name="library" /> {registry.name}
          </h1>
        </div>
        <div className="subtitle dim">
          {typeof description === 'string' && description && <span>{description}</span>}
          <span>
            Created <When at={registry.systemData?.createdAt} />
            {registry.systemData?.createdBy && ` by ${registry.systemData.createdBy}`}
          </span>
        </div>
        {error && <ReadFailure error={error} />}
      </header>
      <div className="registry-body">
        <Tabs tabs={tabs} selected={shown} label={`Registry ${registry.name}`} onSelect={setTab}>
          <div className="registry-list">
            {kind ? (
              <InRegistry registry={registry.name}>
                <AssetList key={kind} kind={kind} registry={registry.name} />
              </InRegistry>
            ) : (
              <RoleList registry={registry} />
            )}
          </div>
        </Tabs>
      </div>
    </main>
  );
}
