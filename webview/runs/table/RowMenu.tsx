import { aside } from '../../../src/base/aside.ts';
import { useHost } from '../../shared/host/host.ts';
import { Menu, type MenuItem } from '../../shared/ui/Menu.tsx';
import type { RunsView } from '../useRunsView.ts';
import { mostCompared } from './mostCompared.ts';
import { restoreRun, toEach } from './writeRuns.ts';

interface RowMenuProps {
  at: { x: number; y: number };
  /** The run that the menu was opened on. */
  run: string;
  /** What is meant: the selected runs where it is one of them, else it alone. */
  runs: readonly string[];
  nameOf(run: string): string;
  areStarred: boolean;
  view: RunsView;
  onRun(action: () => Promise<unknown>): void;
  onTab(tab: string): void;
  onToggle(): void;
  onStar(): void;
  onTag(): void;
  onDelete(): void;
  onClose(): void;
}

/** What can be done with a run of the table, or with those that are selected. */
export function RowMenu({
  at,
  run,
  runs,
  nameOf,
  areStarred,
  view,
  onRun,
  onTab,
  onToggle,
  onStar,
  onTag,
  onDelete,
  onClose,
}: RowMenuProps) {
  const host = useHost();
  const { hidden, setHidden, selected, setSelected } = view;
  const isMany = runs.length > 1;
  const areHidden = runs.every((each) => hidden.includes(each));
  const isSelected = selected.includes(run);
  const of = isMany ? ` ${runs.length} runs` : '';
  const copy = (lines: readonly string[]) => aside('copy', navigator.clipboard.writeText(lines.join('\n')), console);
  const page = { page: 'job' as const, name: run };
  const items: MenuItem[] = [
    { label: 'Open', icon: 'graph', keys: 'Enter', run: () => host.open(page) },
    host.command
      ? { label: 'Open to the side', icon: 'split-horizontal', run: () => host.command!('job.open', { name: run, side: 'true' }) }
      : { label: 'Open in a new tab', icon: 'link-external', run: () => window.open(host.href(page), '_blank', 'noopener') },
    {
      label: isMany ? `Compare${of}` : 'Compare (select more runs first)',
      icon: 'compare-changes',
      isDisabled: !isMany || runs.length > mostCompared || view.which === 'deleted',
      run: () => onTab('compare'),
    },
    {
      label: areStarred ? `Take the star${isMany ? 's' : ''} away${isMany ? ` from${of}` : ''}` : `Star${of}`,
      icon: areStarred ? 'star-full' : 'star-empty',
      keys: 'S',
      startsGroup: true,
      isDisabled: view.which === 'deleted',
      run: onStar,
    },
    {
      label: areHidden ? `Show${of} in charts` : `Leave${of} out of charts`,
      icon: areHidden ? 'eye' : 'eye-closed',
      keys: 'H',
      run: () => setHidden(areHidden ? hidden.filter((each) => !runs.includes(each)) : [...new Set([...hidden, ...runs])]),
    },
    { label: isSelected ? 'Deselect' : 'Select', icon: isSelected ? 'close' : 'check', keys: 'Space', run: onToggle },
    { label: isMany ? `Tag${of}…` : 'Tag…', icon: 'tag', isDisabled: view.which === 'deleted', run: onTag },
    { label: isMany ? 'Copy ids' : 'Copy id', icon: 'copy', startsGroup: true, run: () => copy(runs) },
    { label: isMany ? 'Copy names' : 'Copy name', run: () => copy(runs.map(nameOf)) },
    host.command
      ? { label: 'Copy link', run: () => host.command!('link.copy', { ...page, to: 'editor' }) }
      : { label: 'Copy link', run: () => copy(runs.map((name) => new URL(host.href({ ...page, name }), location.href).href)) },
    view.which === 'deleted'
      ? {
          label: `Restore${of}`,
          icon: 'discard',
          startsGroup: true,
          run: () =>
            onRun(() =>
              toEach(runs, (each) => restoreRun(host.client, each)).then(() =>
                setSelected(selected.filter((each) => !runs.includes(each))),
              ),
            ),
        }
      : { label: `Delete${of}…`, icon: 'trash', keys: 'Delete', startsGroup: true, run: onDelete },
  ];
  return <Menu label={isMany ? `${runs.length} runs` : `Run ${nameOf(run)}`} at={at} items={items} onClose={onClose} />;
}
