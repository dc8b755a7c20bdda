import { usePageState } from '../shared/host/pageState.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Button, TextField } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

/** Every registered model of the workspace. */
export function ModelsPage() {
  const [search, setSearch] = usePageState('search', '');
  const { items, error, hasMore, loadMore } = usePages(
    'models',
    (client, next) => client.listContainers('models', next),
    (change) => change.kind === 'model',
  );
  const found = items?.filter((model) => model.name.toLowerCase().includes(search.toLowerCase()));
  return (
    <main className="list-page">
      <h1>Models</h1>
      <search className="bar" aria-label="Models">
        <TextField label="Search by name" value={search} onChange={setSearch} />
      </search>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="models" />}
      {items?.length === 0 && (
        <Empty title="No models yet.">
          A job's output with a <code>name</code> becomes one when the job completes. Or register a folder with{' '}
          <code>updraft model register</code>.
        </Empty>
      )}
      {items && items.length > 0 && found?.length === 0 && (
        <Empty title="No model matches.">{hasMore && 'There are more that were not loaded yet.'}</Empty>
      )}
      {found && found.length > 0 && (
        <table className="list" aria-label="Models">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Latest version</th>
              <th scope="col">Description</th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody>
            {found.map((model) => (
              <tr key={model.name}>
                <td>
                  <div className="list-name">
                    <Icon name="symbol-method" />
                    <PageLink to={{ page: 'model', name: model.name }}>{model.name}</PageLink>
                  </div>
                </td>
                <td>{model.properties.latestVersion}</td>
                <td className="dim">{model.properties.description}</td>
                <td>
                  <When at={model.systemData?.lastModifiedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasMore && (
        <p className="more">
          <Button secondary onClick={loadMore}>
            Load more
          </Button>
        </p>
      )}
    </main>
  );
}
