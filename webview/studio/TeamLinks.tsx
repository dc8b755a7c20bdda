import type { PageAddress } from '../../src/protocol/webview.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { useIsTeam } from './useIsTeam.ts';

/** Pages that there are only where a team shares the plane. */
export function TeamLinks({ page }: { page: PageAddress['page'] }) {
  if (!useIsTeam()) return null;
  return (
    <>
      <span aria-current={page === 'quotas' ? 'page' : undefined}>
        <PageLink to={{ page: 'quotas', name: '' }}>Quotas</PageLink>
      </span>
      <span aria-current={page === 'audit' ? 'page' : undefined}>
        <PageLink to={{ page: 'audit', name: '' }}>Audit</PageLink>
      </span>
    </>
  );
}
