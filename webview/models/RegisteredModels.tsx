import { tunedModels } from '../../src/client/tunedModels.ts';
import type { TunedModel } from '../../src/protocol/tunedModels.ts';
import { useDelayed } from '../shared/live/useDelayed.ts';
import { useLive } from '../shared/live/useLive.ts';
import { usePages } from '../shared/live/usePages.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { LoadMore } from '../shared/ui/LoadMore.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Loading, NoMatch, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';

/** The registered models of the workspace whose name has a text. */
export function RegisteredModels({ search, onClear }: { search: string; onClear(): void }) {
  const wanted = useDelayed(search, 200);
  const { items, error, hasMore, loadMore } = usePages(
    `models ${wanted}`,
    (client, next) => client.listContainers('models', { search: wanted }, next),
    (change) => change.kind === 'model',
  );
  const { value: tuned = [] } = useLive(
    'tuned models',
    ({ http }) => tunedModels(http),
    ({ kind }) => kind === 'model' || kind === 'localModel',
    1000,
  );
  return (
    <>
      {error && <ReadFailure error={error} />}
      {!items && !error && <Loading what="models" />}
      {items?.length === 0 &&
        (wanted ? (
          <NoMatch title="No registered model matches." onClear={onClear} />
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
                  <TunedLine model={tuned.find(({ name }) => name === model.name)} />
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

/** That a model is an adapter, of which, and that it does not run here if that is so. */
function TunedLine({ model }: { model: TunedModel | undefined }) {
  if (!model) return null;
  const { base, problem } = model;
  return (
    <p className="dim registered-what">
      {base ? `Adapter of ${plainText(base.name, 100)}` : 'Adapter'}
      {problem && (
        <span className="status-text" title={plainText([problem.message, problem.hint].filter(Boolean).join(' '), 600)}>
          <Icon name="warning" className="tone-warning" />
          <span>does not run here</span>
        </span>
      )}
    </p>
  );
}
