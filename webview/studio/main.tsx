import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import '@vscode/codicons/dist/codicon.css';
import './browserTheme.css';
import '@xyflow/react/dist/base.css';
import '../shared/theme.css';
import '../shared/graph/graph.css';
import '../runs/runs.css';
import '../runs/compare/compare.css';
import '../shared/analysis/analysis.css';
import '../job/trials/trials.css';
import './studio.css';
import type { Event } from '../../src/base/event.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { JobPage } from '../job/JobPage.tsx';
import { ModelPage } from '../model/ModelPage.tsx';
import { RunsPage } from '../runs/RunsPage.tsx';
import { startInBrowser } from '../shared/host/browserHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { JobsPage } from './JobsPage.tsx';
import { ModelsPage } from './ModelsPage.tsx';
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
  useEffect(() => {
    const subscription = navigated(setAddress);
    return () => subscription.dispose();
  }, [navigated]);
  useEffect(() => {
    document.title = `${name || { jobs: 'Jobs', models: 'Models', runs: 'Runs', job: '', model: '' }[page]} · Updraft`;
  }, [page, name]);
  return (
    <>
      <StudioHeader page={page} />
      <Connection />
      {page === 'jobs' && <JobsPage />}
      {page === 'models' && <ModelsPage />}
      {page === 'runs' && <RunsPage key={name} experiment={name} />}
      {page === 'job' && <JobPage key={name} name={name} />}
      {page === 'model' && <ModelPage key={name} name={name} />}
    </>
  );
}
