import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../../src/base/aside.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { Connection } from '../ui/Connection.tsx';
import { PageBoundary } from '../ui/PageBoundary.tsx';
import { startInEditor } from './editorHost.ts';
import { HostProvider } from './host.ts';

/** Shows a page in an editor tab of VS Code, below what it says of the connection. `options`: those of `startInEditor`. */
export function startPage(page: (address: PageAddress) => ReactNode, options?: Parameters<typeof startInEditor>[0]): void {
  aside(
    'start',
    startInEditor(options).then(({ host, address }) =>
      createRoot(document.getElementById('root')!).render(
        <HostProvider value={host}>
          <PageBoundary reload={host.reload}>
            <Connection />
            {page(address)}
          </PageBoundary>
        </HostProvider>,
      ),
    ),
    console,
  );
}
