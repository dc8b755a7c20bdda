import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '@vscode/codicons/dist/codicon.css';
import './browserTheme.css';
import '../shared/theme.css';
import './studio.css';
import type { Event } from '../../src/base/event.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { JobPage } from '../job/JobPage.tsx';
import { startInBrowser } from '../shared/host/browserHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';

void startInBrowser().then(({ host, address, onDidNavigate }) =>
  createRoot(document.getElementById('root')!).render(
    <HostProvider value={host}>
      <Connection />
      <Page first={address} onDidNavigate={onDidNavigate} />
    </HostProvider>,
  ),
);

function Page({ first, onDidNavigate: navigated }: { first: PageAddress; onDidNavigate: Event<PageAddress> }) {
  const [now, setNow] = useState(first);
  useEffect(() => {
    const subscription = navigated(setNow);
    return () => subscription.dispose();
  }, [navigated]);
  return <JobPage key={now.name} name={now.name} />;
}
