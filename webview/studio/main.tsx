import { lazy, type ReactNode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { aside } from '../../src/base/aside.ts';
import type { Event } from '../../src/base/event.ts';
import { assetOfPage } from '../../src/protocol/assetPage.ts';
import type { PageAddress } from '../../src/protocol/webview.ts';
import { startInBrowser } from '../shared/host/browserHost.ts';
import { HostProvider, useHost } from '../shared/host/host.ts';
import { InRegistry } from '../shared/host/InRegistry.tsx';
import { Connection } from '../shared/ui/Connection.tsx';
import { Later } from '../shared/ui/Later.tsx';
import { PageBoundary } from '../shared/ui/PageBoundary.tsx';
import { part } from '../shared/ui/part.tsx';
import { NoAccess } from './NoAccess.tsx';
import { StudioHeader } from './StudioHeader.tsx';
import { useGoneWorkspace } from './useGoneWorkspace.ts';

// Each with what it needs alone, when it is first shown; but where most links lead is there before the click.
const AssetPage = lazy(async () => ({ default: (await import('../asset/AssetPage.tsx')).AssetPage }));
const JobPage = part(async () => (await import('../job/JobPage.tsx')).JobPage);
const jobPageAfterMs = 1000;
const ModelPage = lazy(async () => ({ default: (await import('../model/ModelPage.tsx')).ModelPage }));
const JobsPage = lazy(async () => ({ default: (await import('./JobsPage.tsx')).JobsPage }));
const ModelsPage = lazy(async () => ({ default: (await import('../models/ModelsPage.tsx')).ModelsPage }));
const FinetuningPage = lazy(async () => ({ default: (await import('../finetuning/FinetuningPage.tsx')).FinetuningPage }));
const SchedulesPage = lazy(async () => ({ default: (await import('./SchedulesPage.tsx')).SchedulesPage }));
const PlaygroundPage = lazy(async () => ({ default: (await import('../playground/PlaygroundPage.tsx')).PlaygroundPage }));
const AuditPage = lazy(async () => ({ default: (await import('./AuditPage.tsx')).AuditPage }));
const QuotasPage = lazy(async () => ({ default: (await import('./QuotasPage.tsx')).QuotasPage }));
const EndpointsPage = lazy(async () => ({ default: (await import('./EndpointsPage.tsx')).EndpointsPage }));
const EndpointPage = lazy(async () => ({ default: (await import('../endpoint/EndpointPage.tsx')).EndpointPage }));
const RegistriesPage = lazy(async () => ({ default: (await import('../registries/RegistriesPage.tsx')).RegistriesPage }));
const RegistryPage = lazy(async () => ({ default: (await import('../registries/RegistryPage.tsx')).RegistryPage }));
const RunsPage = lazy(async () => ({ default: (await import('../runs/RunsPage.tsx')).RunsPage }));

/** The Studio: the pages in a browser, with lists to come to them. */
aside(
  'start',
  startInBrowser().then(({ host, address, onDidNavigate }) =>
    createRoot(document.getElementById('root')!).render(
      <HostProvider value={host}>
        <Studio first={address} onDidNavigate={onDidNavigate} />
      </HostProvider>,
    ),
  ),
  console,
);

/** A page, where the workspace that it is of is for who looks at it. Registries are of no workspace. */
function OrNoAccess({ isOfWorkspace, children }: { isOfWorkspace: boolean; children: ReactNode }) {
  const { access } = useHost();
  return access && !access.seesWorkspace && isOfWorkspace ? <NoAccess access={access} /> : children;
}

function Studio({ first, onDidNavigate: navigated }: { first: PageAddress; onDidNavigate: Event<PageAddress> }) {
  const { reload } = useHost();
  useGoneWorkspace();
  const [{ page, name, registry }, setAddress] = useState(first);
  const asset = assetOfPage(page);
  useEffect(() => {
    // Only to have it early: whoever leaves the Studio meanwhile misses nothing, and who opens the page is told why it can't be loaded.
    const timer = setTimeout(() => JobPage.load().catch(() => {}), jobPageAfterMs);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const subscription = navigated(setAddress);
    return () => subscription.dispose();
  }, [navigated]);
  useEffect(() => {
    document.title = `${name || { audit: 'Audit', endpoints: 'Endpoints', finetuning: 'Fine-tune', jobs: 'Jobs', models: 'Models', playground: 'Playground', quotas: 'Quotas', registries: 'Registries', runs: 'Runs', schedules: 'Schedules' }[page as string] || ''} · Updraft`;
  }, [page, name]);
  return (
    <>
      <StudioHeader page={registry === undefined ? page : 'registry'} />
      <OrNoAccess isOfWorkspace={registry === undefined && page !== 'registries' && page !== 'registry'}>
        <Connection />
        <PageBoundary key={`${page} ${name}`} reload={reload}>
          <Later what="the page">
            {page === 'jobs' && <JobsPage />}
            {page === 'models' && <ModelsPage />}
            {page === 'finetuning' && <FinetuningPage />}
            {page === 'runs' && <RunsPage key={name} experiment={name} />}
            {page === 'playground' && <PlaygroundPage />}
            {page === 'endpoints' && <EndpointsPage />}
            {page === 'endpoint' && <EndpointPage key={name} name={name} />}
            {page === 'schedules' && <SchedulesPage />}
            {page === 'audit' && <AuditPage />}
            {page === 'quotas' && <QuotasPage />}
            {page === 'job' && <JobPage key={name} name={name} />}
            {page === 'registries' && <RegistriesPage />}
            {page === 'registry' && <RegistryPage key={name} name={name} />}
            <InRegistry registry={registry}>
              {page === 'model' && <ModelPage key={`${registry} ${name}`} name={name} />}
              {asset && <AssetPage key={`${registry} ${asset} ${name}`} kind={asset} name={name} />}
            </InRegistry>
          </Later>
        </PageBoundary>
      </OrNoAccess>
    </>
  );
}
