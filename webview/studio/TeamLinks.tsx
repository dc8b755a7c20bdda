import type { PageAddress } from '../../src/protocol/webview.ts';
import { useLive } from '../shared/live/useLive.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';

/** Pages that there are only where a team shares the plane. */
export function TeamLinks({ page }: { page: PageAddress['page'] }) {
  const { value } = useLive(
    'team',
    (client) => client.status(),
    () => false,
  );
  if (!value?.isTeam) return null;
  return (
    <span aria-current={page === 'audit' ? 'page' : undefined}>
      <PageLink to={{ page: 'audit', name: '' }}>Audit</PageLink>
    </span>
  );
}
