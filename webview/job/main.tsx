import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import '@vscode/codicons/dist/codicon.css';
import '@xyflow/react/dist/base.css';
import '../shared/theme.css';
import '../shared/graph/graph.css';
import '../shared/analysis/analysis.css';
import './trials/trials.css';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { ModelPage } from '../model/ModelPage.tsx';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { JobPage } from './JobPage.tsx';

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
  return page === 'model' ? <ModelPage name={name} /> : <JobPage name={name} />;
}
