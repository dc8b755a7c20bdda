import { planeAddress } from '../../../client/findSharedPlane.ts';
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
  const [, address, workspace] = /^(.*)\/([A-Za-z0-9_-][A-Za-z0-9_.-]{0,254})\/?$/.exec(String(setting)) ?? [];
  if (!address || !workspace) return undefined;
  try {
    return { plane: planeAddress(address), workspace };
  } catch {
    return undefined;
  }
}
