import { UserError } from '../../../base/userError.ts';
import { planeAddress } from '../../../client/planeAddress.ts';
import { defaultWorkspace } from '../../../protocol/arm.ts';

/** A workspace on a plane: the one of this machine, or a shared one by its address. */
export interface Place {
  readonly plane: string | undefined;
  readonly workspace: string;
}

/** Where everybody begins. */
export const machinePlace: Place = { plane: undefined, workspace: defaultWorkspace.workspace };

export const isSamePlace = (a: Place, b: Place): boolean => a.plane === b.plane && a.workspace === b.workspace;

/** As the setting `updraft.workspace` has it: `https://updraft.example.org/vision`; empty for this machine. */
export const settingOf = ({ plane, workspace }: Place): string => (plane === undefined ? '' : `${plane}/${workspace}`);

/** The place of such a setting; undefined for what is none. A folder may come from anywhere: nothing is believed of it but its shape. */
export function placeOf(setting: unknown): Place | undefined {
  if (setting === undefined || setting === '') return machinePlace;
  const [, address, workspace] = /^(https?:\/\/[^/]+)\/([A-Za-z0-9_-][A-Za-z0-9_.-]{0,254})\/?$/.exec(String(setting)) ?? [];
  if (!address || !workspace) return undefined;
  try {
    return { plane: planeAddress(address), workspace };
  } catch {
    return undefined;
  }
}

/** The place that a link names, and what else its query has. A link that names none is about the workspace of whoever opens it. */
export function placeInLink(query: string): { place: Place | undefined; rest: string } {
  const parts = new URLSearchParams(query);
  const [plane, workspace] = [parts.get('plane'), parts.get('workspace')];
  parts.delete('plane');
  parts.delete('workspace');
  if (plane === null) return { place: undefined, rest: String(parts) };
  const place = placeOf(`${planeAddress(plane)}/${workspace ?? ''}`);
  if (!place)
    throw new UserError('InvalidArgument', 'The link names no workspace.', 'Ask for a new link: "Copy Link" on the row of the job.');
  return { place, rest: String(parts) };
}
