import { type FormEvent, useState } from 'react';
import { useHost } from '../../shared/host/host.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Popover } from '../../shared/ui/Popover.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Failure } from '../../shared/ui/states.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { useAction } from '../../shared/ui/useAction.ts';
import type { KeptView, RunsView } from '../useRunsView.ts';
import { deleteView, keptOf, longestName, savedViewsOf, saveView } from './savedViews.ts';

/** Views of the experiment's runs, or of all runs where it is '', by name: kept on the plane for everyone who works with it. */
export function SavedViews({ experiment, view }: { experiment: string; view: RunsView }) {
  const { client } = useHost();
  const action = useAction();
  const [name, setName] = useState('');
  const { value: found } = useLive(
    `views ${experiment}`,
    (plane) => savedViewsOf(plane, experiment),
    ({ kind }) => kind === 'experiment',
    1000,
  );
  const views = found?.views ?? [];
  const now = JSON.stringify(keptOf(view));
  const current = views.find((each) => JSON.stringify(keptOf(each.view)) === now);

  function show({ filter, order, columns, pinned, widths, groups }: KeptView): void {
    view.setFilter(filter);
    view.setOrder(order);
    view.setColumns(columns);
    view.setPinned(pinned);
    view.setWidths(widths);
    view.setGroups(groups);
  }
  function save(event: FormEvent): void {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '' || !found) return;
    action.run(() => saveView(client, found, wanted, view).then(() => setName('')));
  }
  return (
    <Popover icon="bookmark" label="Saved views" text={current ? plainText(current.name, 40) : 'Views'}>
      {views.length === 0 && (
        <p className="dim">
          A view keeps filter, sorting and columns under a name, for everyone who opens {experiment ? 'this experiment' : 'all runs'}.
        </p>
      )}
      {views.length > 0 && (
        <ul className="choices view-list">
          {views.map((each) => (
            <li key={each.name}>
              <button type="button" className="link" aria-pressed={each === current} onClick={() => show(each.view)}>
                <bdi>{plainText(each.name)}</bdi>
              </button>
              <ToolButton
                icon="save"
                label={`Keep what is shown as “${plainText(each.name)}”`}
                disabled={each === current || action.isRunning}
                onClick={() => action.run(() => saveView(client, found!, each.name, view))}
              />
              <ToolButton
                icon="trash"
                label={`Delete the view “${plainText(each.name)}”`}
                disabled={action.isRunning}
                onClick={() => action.run(() => deleteView(client, found!, each.name))}
              />
            </li>
          ))}
        </ul>
      )}
      <form className="tag-form" onSubmit={save}>
        <input
          className="edit"
          aria-label="Name of a new view"
          placeholder="Save this view as…"
          maxLength={longestName}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button
          type="submit"
          className="tool"
          title="Save"
          aria-label="Save the view"
          disabled={name.trim() === '' || !found || action.isRunning}
        >
          <span className="codicon codicon-check" aria-hidden="true" />
        </button>
      </form>
      {action.error && <Failure error={action.error} />}
    </Popover>
  );
}
