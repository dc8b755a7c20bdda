import { useHost } from '../host/host.ts';
import { Icon } from '../ui/Icon.tsx';
import { PageLink } from '../ui/PageLink.tsx';

/** Which registry a page's asset is in. The Studio has a page of it; in VS Code it is a row of the view Workspaces. */
export function InThisRegistry({ registry }: { registry: string }) {
  const { kind } = useHost();
  return (
    <span className="in-registry dim">
      <Icon name="library" />
      <span>
        in the registry {kind === 'browser' ? <PageLink to={{ page: 'registry', name: registry }}>{registry}</PageLink> : registry}
      </span>
    </span>
  );
}
