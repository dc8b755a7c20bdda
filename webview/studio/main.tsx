import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import '@vscode/codicons/dist/codicon.css';
import './browserTheme.css';
import '../shared/theme.css';
import '../runs/charts/charts.css';
import '../job/styles.ts';
import '../runs/runs.css';
import '../runs/compare/compare.css';
import './schedules.css';
import './studio.css';
import type { Event } from '../../src/base/event.ts';
import { assetOfPage } from '../../src/protocol/assetPage.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { AssetPage } from '../asset/AssetPage.tsx';
import { JobPage } from '../job/JobPage.tsx';
import { ModelPage } from '../model/ModelPage.tsx';
import { RunsPage } from '../runs/RunsPage.tsx';
import { startInBrowser } from '../shared/host/browserHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { JobsPage } from './JobsPage.tsx';
import { ModelsPage } from './ModelsPage.tsx';
import { SchedulesPage } from './SchedulesPage.tsx';
import { StudioHeader } from './StudioHeader.tsx';

/** The Studio: the pages in a browser, with lists to come to them. */
aside(
  'start',
  startInBrowser().then(({ host, address, onDidNavigate }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Studio first={address} onDidNavigate={onDidNavigate} />
      </HostProvider>,
    ),
  ),
  console,
);

function Studio({ first, onDidNavigate: navigated }: { first: PageAddress; onDidNavigate: Event<PageAddress> }) {
  const [{ page, name }, setAddress] = useState(first);
  const asset = assetOfPage(page);
  useEffect(() => {
    const subscription = navigated(setAddress);
    return () => subscription.dispose();
  }, [navigated]);
  useEffect(() => {
    document.title = `${name || { jobs: 'Jobs', models: 'Models', runs: 'Runs', schedules: 'Schedules' }[page as string] || ''} · Updraft`;
  }, [page, name]);
  return (
    <>
      <StudioHeader page={page} />
      <Connection />
      {page === 'jobs' && <JobsPage />}
      {page === 'models' && <ModelsPage />}
      {page === 'runs' && <RunsPage key={name} experiment={name} />}
      {page === 'schedules' && <SchedulesPage />}
      {page === 'job' && <JobPage key={name} name={name} />}
      {page === 'model' && <ModelPage key={name} name={name} />}
      {asset && <AssetPage key={`${asset} ${name}`} kind={asset} name={name} />}
    </>
  );
}
