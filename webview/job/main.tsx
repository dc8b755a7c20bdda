import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import { assetOfPage } from '../../src/protocol/assetPage.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { startInEditor } from '../shared/host/editorHost.ts';
import { HostProvider } from '../shared/host/host.ts';
import { Connection } from '../shared/ui/Connection.tsx';
import { Loading } from '../shared/ui/states.tsx';
import { JobPage } from './JobPage.tsx';

const AssetPage = lazy(async () => ({ default: (await import('../asset/AssetPage.tsx')).AssetPage }));
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
  const asset = assetOfPage(page);
  if (page !== 'model' && !asset) return <JobPage name={name} />;
  return (
    <Suspense fallback={<Loading what={asset ? 'it' : 'the model'} />}>
      {asset ? <AssetPage kind={asset} name={name} /> : <ModelPage name={name} />}
    </Suspense>
  );
}
