import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { EndpointPage } from './EndpointPage.tsx';

/** Requests to an endpoint in an editor tab of VS Code. */
aside(
  'start',
  startInEditor().then(({ host, address }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Connection />
        <EndpointPage name={address.name} />
      </HostProvider>,
    ),
  ),
  console,
);
