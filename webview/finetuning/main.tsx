import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { FinetuningPage } from './FinetuningPage.tsx';

/** The form of a fine-tuning in an editor tab of VS Code. */
aside(
  'start',
  startInEditor().then(({ host }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Connection />
        <FinetuningPage />
      </HostProvider>,
    ),
  ),
  console,
);
