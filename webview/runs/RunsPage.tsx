import { lazy, useEffect } from 'react';
import { aside } from '../../src/base/aside.ts';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Select } from '../shared/ui/fields.tsx';
import { Later } from '../shared/ui/Later.tsx';
import { part } from '../shared/ui/part.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Tabs } from '../shared/ui/Tabs.tsx';
import { CopyLink } from './CopyLink.tsx';
import { TableTab } from './table/TableTab.tsx';
import { useLinkedRows } from './useLinkedRows.ts';
import { useRunsView } from './useRunsView.ts';

// The table is there before what the other tabs need.
const ChartsTab = part(async () => (await import('./charts/ChartsTab.tsx')).ChartsTab);
const chartsAfterMs = 500;
const CompareTab = lazy(async () => ({ default: (await import('./compare/CompareTab.tsx')).CompareTab }));
const AnalysisTab = lazy(async () => ({ default: (await import('./analysis/AnalysisTab.tsx')).AnalysisTab }));

/** The runs of an experiment ('' for all of them): as a table, as charts of their metrics, beside each other, and by what matters for a metric. */
export function RunsPage({ experiment }: { experiment: string }) {
  const view = useRunsView(experiment);
  const [chosen, choose] = usePageState('tab', 'table');
  useLinkedRows(view);
  const count = view.selected.length;
  // The charts come next for most: what they need is there before the click. It does not keep the first rows waiting.
  useEffect(() => {
    const timer = setTimeout(() => aside('the charts', ChartsTab.load(), console), chartsAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const tabs = [
    { key: 'table', label: 'Table' },
    { key: 'charts', label: 'Charts', ...(count ? { badge: count } : {}) },
    { key: 'compare', label: 'Compare', ...(count > 1 ? { badge: count } : {}) },
    { key: 'analysis', label: 'Analysis' },
  ];
  const tab = tabs.find((each) => each.key === chosen)?.key ?? 'table';
  return (
    <main className="page runs-page">
      <header className="runs-header">
        <h1 title={plainText(experiment)}>
          <bdi>{plainText(experiment, 250) || 'All runs'}</bdi>
        </h1>
        <div className="toolbar">
          <Experiments experiment={experiment} />
          <CopyLink experiment={experiment} view={view} />
        </div>
      </header>
      <Tabs tabs={tabs} selected={tab} label="Views of the runs" onSelect={choose}>
        {tab === 'table' && <TableTab experiment={experiment} view={view} onTab={choose} />}
        <Later key={tab} what="the runs">
          {tab === 'charts' && <ChartsTab view={view} />}
          {tab === 'compare' && <CompareTab view={view} />}
          {tab === 'analysis' && <AnalysisTab view={view} />}
        </Later>
      </Tabs>
    </main>
  );
}

/** The way to the runs of another experiment. */
function Experiments({ experiment }: { experiment: string }) {
  const { open } = useHost();
  const { value } = useLive(
    'experiments',
    async (client) => (await client.searchExperiments()).experiments ?? [],
    ({ kind }) => kind === 'experiment',
    1000,
  );
  // The one that is shown may be beyond the first hundred.
  const names = [...new Set([...(experiment ? [experiment] : []), ...(value ?? []).map(({ name }) => name)])];
  if (names.length < 2) return null;
  return (
    <Select
      label="Experiment"
      value={experiment}
      options={[{ value: '', label: 'All runs' }, ...names.map((name) => ({ value: name, label: plainText(name, 100) }))]}
      onChange={(name) => open({ page: 'runs', name })}
    />
  );
}
