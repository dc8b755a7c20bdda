import type { PageAddress } from '../../src/protocol/webview.ts';
import { useHost } from '../shared/host/host.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Account } from './Account.tsx';
import { DeleteWorkspace } from './DeleteWorkspace.tsx';
import { Mentions } from './Mentions.tsx';
import { TeamLinks } from './TeamLinks.tsx';
import { WorkspaceChoice } from './WorkspaceChoice.tsx';

/** The Studio's own head: its name and the way to its lists. */
export function StudioHeader({ page }: { page: PageAddress['page'] }) {
  const { access } = useHost();
  const isShown = access?.seesWorkspace !== false;
  return (
    <header className="studio-header">
      <PageLink to={{ page: 'jobs', name: '' }} title="Updraft Studio">
        <svg
          width="18"
          height="18"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
        >
          <path d="M12 3.5v11" />
          <path d="M8 7.5l4-4 4 4" />
          <path d="M4 20.5c0-5 3-6 5-8" />
          <path d="M20 20.5c0-5-3-6-5-8" />
          <path d="M9 20.5h6" />
        </svg>
        <strong>Updraft</strong>
      </PageLink>
      <span className="workspace-part">
        <WorkspaceChoice />
        {isShown && <DeleteWorkspace />}
      </span>
      <nav aria-label="Studio">
        <span aria-current={page === 'jobs' || page === 'job' ? 'page' : undefined}>
          <PageLink to={{ page: 'jobs', name: '' }}>Jobs</PageLink>
        </span>
        <span aria-current={page === 'runs' ? 'page' : undefined}>
          <PageLink to={{ page: 'runs', name: '' }}>Runs</PageLink>
        </span>
        <span aria-current={page === 'models' || page === 'model' || page === 'finetuning' ? 'page' : undefined}>
          <PageLink to={{ page: 'models', name: '' }}>Models</PageLink>
        </span>
        <span aria-current={page === 'registries' || page === 'registry' ? 'page' : undefined}>
          <PageLink to={{ page: 'registries', name: '' }}>Registries</PageLink>
        </span>
        <span aria-current={page === 'endpoints' || page === 'endpoint' ? 'page' : undefined}>
          <PageLink to={{ page: 'endpoints', name: '' }}>Endpoints</PageLink>
        </span>
        <span aria-current={page === 'playground' ? 'page' : undefined}>
          <PageLink to={{ page: 'playground', name: '' }}>Playground</PageLink>
        </span>
        <span aria-current={page === 'schedules' ? 'page' : undefined}>
          <PageLink to={{ page: 'schedules', name: '' }}>Schedules</PageLink>
        </span>
        <TeamLinks page={page} />
      </nav>
      <div className="studio-person">
        <Mentions />
        <Account />
      </div>
    </header>
  );
}
