import { useHost } from '../shared/host/host.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty } from '../shared/ui/states.tsx';

/** Stands where a job was, or was expected. */
export function JobGone({ name, wasThere }: { name: string; wasThere: boolean }) {
  const { kind } = useHost();
  return (
    <Empty title={wasThere ? 'This job was deleted.' : 'This job is not there.'}>
      {wasThere ? 'Its' : 'It may have been deleted. Its'} id is <code>{name}</code>.{' '}
      {kind === 'editor' ? 'The Jobs view has all the others.' : <PageLink to={{ page: 'jobs', name: '' }}>Show the others</PageLink>}
    </Empty>
  );
}
