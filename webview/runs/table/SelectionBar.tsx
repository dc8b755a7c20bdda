import { plural } from '../../../src/base/text.ts';
import { useHost } from '../../shared/host/host.ts';
import { Popover } from '../../shared/ui/Popover.tsx';
import { TagForm } from '../../shared/ui/TagForm.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import type { RunsView } from '../useRunsView.ts';
import { mostCompared } from './mostCompared.ts';
import { restoreRun, toEach } from './writeRuns.ts';

interface SelectionBarProps {
  view: RunsView;
  isRunning: boolean;
  run(action: () => Promise<unknown>): void;
  onTab(tab: string): void;
  onStar(runs: readonly string[]): void;
  onDelete(): void;
}

/** What can be done with the selected runs. */
export function SelectionBar({ view, isRunning, run, onTab, onStar, onDelete }: SelectionBarProps) {
  const { client } = useHost();
  const { selected, setSelected, hidden, setHidden, which } = view;
  const areHidden = selected.every((each) => hidden.includes(each));
  return (
    <div className="selection-bar" role="toolbar" aria-label="The selected runs">
      <span className="selection-count" role="status">
        {plural(selected.length, 'run')} selected
      </span>
      {which === 'deleted' ? (
        <ToolButton
          icon="discard"
          label="Restore the selected runs"
          text="Restore"
          disabled={isRunning}
          onClick={() => run(() => toEach(selected, (each) => restoreRun(client, each)).then(() => setSelected([])))}
        />
      ) : (
        <>
          <ToolButton icon="graph-line" label="Charts of the selected runs" text="Charts" onClick={() => onTab('charts')} />
          <ToolButton
            icon="compare-changes"
            label={selected.length > mostCompared ? `At most ${mostCompared} runs can be compared` : 'Compare the selected runs'}
            text="Compare"
            disabled={selected.length < 2 || selected.length > mostCompared}
            onClick={() => onTab('compare')}
          />
          <ToolButton
            icon="star-empty"
            label="Star the selected runs (S)"
            text="Star"
            disabled={isRunning}
            onClick={() => onStar(selected)}
          />
          <Popover icon="tag" label="Tag the selected runs" text="Tag">
            <TagForm
              isDisabled={isRunning}
              onAdd={(name, value) => run(() => toEach(selected, (each) => client.patchJob(each, { tags: { [name]: value } })))}
            />
          </Popover>
          <ToolButton
            icon={areHidden ? 'eye' : 'eye-closed'}
            label={areHidden ? 'Show the selected runs in charts (H)' : 'Leave the selected runs out of charts (H)'}
            text={areHidden ? 'Show' : 'Hide'}
            onClick={() =>
              setHidden(areHidden ? hidden.filter((each) => !selected.includes(each)) : [...new Set([...hidden, ...selected])])
            }
          />
          <ToolButton icon="trash" label="Delete the selected runs… (Delete)" text="Delete" disabled={isRunning} onClick={onDelete} />
        </>
      )}
      <span className="bar-rest" />
      <ToolButton icon="close" label="Select none (Escape)" onClick={() => setSelected([])} />
    </div>
  );
}
