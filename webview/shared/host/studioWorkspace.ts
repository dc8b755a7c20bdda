import { defaultWorkspace, type WorkspaceRef } from '../../../src/protocol/arm.ts';

const key = 'updraft.workspace';

/** The workspace that the Studio's address has named (`?workspace=vision`), kept for this tab; undefined for the plane's usual one. */
export function studioWorkspace(): WorkspaceRef | undefined {
  const given = new URLSearchParams(location.search).get('workspace');
  if (given !== null && /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,254}$/.test(given)) sessionStorage.setItem(key, given);
  const workspace = sessionStorage.getItem(key);
  return workspace ? { ...defaultWorkspace, workspace } : undefined;
}
