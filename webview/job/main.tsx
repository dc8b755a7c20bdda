import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import '@vscode/codicons/dist/codicon.css';
import '../shared/theme.css';
import '../shared/chart/chart.css';
import './styles.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { Loading } from '../shared/ui/states.tsx';
import { JobPage } from './JobPage.tsx';

const ModelPage = lazy(async () => ({ default: (await import('../model/ModelPage.tsx')).ModelPage }));

/** A page in an editor tab of VS Code. */
aside(
  'start',
  startInEditor().then(({ host, address }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Connection />
        <Page address={address} />
      </HostProvider>,
    ),
  ),
  console,
);

function Page({ address: { page, name } }: { address: PageAddress }) {
  if (page !== 'model') return <JobPage name={name} />;
  return (
    <Suspense fallback={<Loading what="the model" />}>
      <ModelPage name={name} />
    </Suspense>
  );
}
