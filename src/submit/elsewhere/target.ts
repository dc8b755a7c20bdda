import type { PlaneClient } from '../../client/planeClient.ts';

/** A workspace that a file is submitted to, where it is not the one that it comes from. */
export interface Target {
  client: PlaneClient;
  /** What the person calls its plane; `local` for the one of this machine. `.updraft/config.yml` names it so, or by its address. */
  plane: string;
  /** The workspace that the file comes from, whose assets go with it; absent where that is the target itself. It is asked for when it is needed. */
  origin?: () => Promise<PlaneClient>;
}

/** How a sentence calls it: `vision of gpu-team`. */
export const targetName = ({ client, plane }: Target): string =>
  `${client.workspace.workspace} of ${plane === 'local' ? 'this machine' : plane}`;
