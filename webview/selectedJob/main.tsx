import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { BarePage, Empty } from '../shared/ui/states.tsx';
import { SelectedJob } from './SelectedJob.tsx';

/** A view beside the editor, narrow as a rule, of the job that is selected in the window. The editor says which one that is, '' for none. */
aside(
  'start',
  // What is logged many times a second is news once.
  startInEditor({ every: 1000 }).then(({ host, address, onDidNavigate }) => {
    const root = createRoot(document.getElementById('root')!);
    const show = ({ name }: PageAddress) =>
      root.render(
        <HostProvider value={host}>
          <Connection />
          {name ? (
            <SelectedJob key={name} name={name} />
          ) : (
            <BarePage title="Selected job">
              <Empty title="No job is selected.">Select a job in the Jobs view: its status, metrics and parameters are shown here.</Empty>
            </BarePage>
          )}
        </HostProvider>,
      );
    onDidNavigate(show);
    show(address);
  }),
  console,
);
