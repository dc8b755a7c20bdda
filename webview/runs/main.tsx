import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import '@vscode/codicons/dist/codicon.css';
import '../shared/theme.css';
import '../shared/chart/chart.css';
import './charts/charts.css';
import './runs.css';
import './compare/compare.css';
import '../shared/analysis/analysis.css';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { RunsPage } from './RunsPage.tsx';

/** The runs of an experiment in an editor tab of VS Code. */
aside(
  'start',
  startInEditor().then(({ host, address }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Connection />
        <RunsPage experiment={address.name} />
      </HostProvider>,
    ),
  ),
  console,
);
