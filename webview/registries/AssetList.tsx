import { assetNouns } from '../../src/protocol/arm.ts';
import { pageOfAsset } from '../../src/protocol/assetPage.ts';
import { registryAssetId } from '../../src/protocol/registry.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useDelayed } from '../shared/live/useDelayed.ts';
import { usePages } from '../shared/live/usePages.ts';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { TextField } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, NoMatch, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

export type ListedKind = keyof typeof pageOfAsset;

const icons: Record<ListedKind, string> = {
  models: 'symbol-method',
  data: 'database',
  environments: 'package',
  components: 'extensions',
};
const plurals: Record<ListedKind, string> = { models: 'models', data: 'data', environments: 'environments', components: 'components' };

/** The assets of one kind in a registry, by name. */
export function AssetList({ kind, registry }: { kind: ListedKind; registry: string }) {
  const [search, setSearch] = usePageState('search', '');
  const wanted = useDelayed(search, 200);
  const noun = pageOfAsset[kind];
  const { items, error, hasMore, loadMore } = usePages(
    `${kind} ${wanted}`,
    (client, next) => client.listContainers(kind, { search: wanted }, next),
    (change) => change.kind === noun,
  );
  return (
    <>
      {(search || (items && items.length > 0)) && (
        <div className="bar">
          <TextField label={`Search ${plurals[kind]} by name`} value={search} onChange={setSearch} />
        </div>
      )}
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what={plurals[kind]} />}
      {items?.length === 0 &&
        (wanted ? (
          <NoMatch title="Nothing matches." onClear={() => setSearch('')} />
        ) : (
          <Empty title={`No ${plurals[kind]} in this registry yet.`}>
            Share one from its page in a workspace, or with{' '}
            <code>
              updraft {assetNouns[kind]} share --name NAME --version VERSION --registry-name {registry}
            </code>
            .
          </Empty>
        ))}
      {items && items.length > 0 && (
        <table className="list" aria-label={`${plurals[kind]} of the registry ${registry}`}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Latest version</th>
              <th scope="col">Description</th>
              <th scope="col">Changed</th>
              <th scope="col">
                <span className="visually-hidden">Reference</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ name, properties, systemData }) => (
              <tr key={name}>
                <td>
                  <div className="list-name">
                    <Icon name={icons[kind]} />
                    <PageLink to={{ page: noun, name, registry }}>{name}</PageLink>
                  </div>
                </td>
                <td>{properties.latestVersion}</td>
                <td className="dim">{properties.description}</td>
                <td>
                  <When at={systemData?.lastModifiedAt} />
                </td>
                <td className="registry-reference">
                  {properties.latestVersion && (
                    <CopyButton
                      text={registryAssetId(registry, kind, name, properties.latestVersion)}
                      label={`Copy the reference to ${name}:${properties.latestVersion}`}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasMore && <LoadMore onClick={loadMore} />}
    </>
  );
}
