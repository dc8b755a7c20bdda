import { usePageState } from '../shared/host/pageState.ts';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { ChartsTab } from './charts/ChartsTab.tsx';
import { CompareTab } from './compare/CompareTab.tsx';
import { TableTab } from './table/TableTab.tsx';
import { useRunsView } from './useRunsView.ts';

const tabs = [
  { key: 'table', label: 'Table' },
  { key: 'charts', label: 'Charts' },
  { key: 'compare', label: 'Compare' },
];

/** The runs of an experiment ('' for all of them): as a table, as charts of their metrics, and beside each other. */
export function RunsPage({ experiment }: { experiment: string }) {
  const view = useRunsView(experiment);
  const [chosen, choose] = usePageState('tab', 'table');
  const tab = tabs.find((each) => each.key === chosen)?.key ?? 'table';
  return (
    <main className="page runs-page">
      <header className="runs-header">
        <h1>{experiment || 'All runs'}</h1>
      </header>
      <Tabs tabs={tabs} selected={tab} label="Views of the runs" onSelect={choose}>
        {tab === 'table' && <TableTab view={view} />}
        {tab === 'charts' && <ChartsTab view={view} />}
        {tab === 'compare' && <CompareTab view={view} />}
      </Tabs>
    </main>
  );
}
