import { useDelayed } from '../shared/live/useDelayed.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

/** The registered models of the workspace whose name has a text. */
export function RegisteredModels({ search, onClear }: { search: string; onClear(): void }) {
  const wanted = useDelayed(search, 200);
  const { items, error, hasMore, loadMore } = usePages(
    `models ${wanted}`,
    (client, next) => client.listContainers('models', { search: wanted }, next),
    (change) => change.kind === 'model',
  );
  return (
    <>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="models" />}
      {items?.length === 0 &&
        (wanted ? (
          <Empty title="No registered model matches.">
            <button type="button" className="link" onClick={onClear}>
              Clear the search
            </button>
          </Empty>
        ) : (
          <p className="dim">
            No models yet. A job's output with a <code>name</code> becomes one when the job completes. Or register a folder with{' '}
            <code>updraft model register</code>.
          </p>
        ))}
      {items && items.length > 0 && (
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
            {items.map((model) => (
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
      {hasMore && <LoadMore onClick={loadMore} />}
    </>
  );
}
