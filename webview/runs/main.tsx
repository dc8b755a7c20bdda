import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { RunsPage } from './RunsPage.tsx';

/** The runs of an experiment in an editor tab of VS Code. */
aside(
  'start',
  // Of many runs that log at once it is enough to hear once a second.
  startInEditor({ every: 1000 }).then(({ host, address }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Connection />
        <RunsPage experiment={address.name} />
      </HostProvider>,
    ),
  ),
  console,
);
