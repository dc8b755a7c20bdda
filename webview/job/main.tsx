import { lazy } from 'react';
import { assetOfPage } from '../../src/protocol/assetPage.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { InRegistry } from '../shared/host/InRegistry.tsx';
import { startPage } from '../shared/host/startPage.tsx';
import { Later } from '../shared/ui/Later.tsx';
import { JobPage } from './JobPage.tsx';

const AssetPage = lazy(async () => ({ default: (await import('../asset/AssetPage.tsx')).AssetPage }));
const ModelPage = lazy(async () => ({ default: (await import('../model/ModelPage.tsx')).ModelPage }));

/** A page in an editor tab of VS Code. */
startPage((address) => <Page address={address} />);

function Page({ address: { page, name, registry } }: { address: PageAddress }) {
  const asset = assetOfPage(page);
  if (page !== 'model' && !asset) return <JobPage name={name} />;
  return (
    <Later what={asset ? 'it' : 'the model'}>
      <InRegistry registry={registry}>{asset ? <AssetPage kind={asset} name={name} /> : <ModelPage name={name} />}</InRegistry>
    </Later>
  );
}
