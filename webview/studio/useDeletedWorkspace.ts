import { useEffect, useState } from 'react';
import { aside } from '../../src/base/aside.ts';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { listDeletedWorkspaces } from '../../src/client/workspaces.ts';
import type { DeletedWorkspace } from '../../src/protocol/deletedWorkspace.ts';
import { useHost } from '../shared/host/host.ts';

/** The workspace of this name, where it was deleted and who looks at the page may recover it. */
export function useDeletedWorkspace(name: string): DeletedWorkspace | undefined {
  const { client } = useHost();
  const [found, setFound] = useState<DeletedWorkspace>();
  // There is no feed of a workspace that is not there.
  useEffect(() => {
    let isCurrent = true;
    aside(
      'the deleted workspace',
      deletedOf(client, name).then((deleted) => isCurrent && setFound(deleted)),
      console,
    );
    return () => {
      isCurrent = false;
    };
  }, [client, name]);
  return found;
}

/** Who may delete none is refused the list. */
const deletedOf = async (client: PlaneClient, workspace: string) =>
  (await listDeletedWorkspaces(client).catch(() => [])).find(({ name }) => name.toLowerCase() === workspace.toLowerCase());
