import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Change } from '../../../src/protocol/change.ts';

/** A folder or file of a plane, wherever it is kept. */
export interface FileNode {
  /** Unique on the page, and the same after a reload. */
  id: string;
  name: string;
  icon?: string;
  /** A word beside the name, such as the type of an output. */
  note?: string;
  /** What is inside; a file has none. */
  list?(client: PlaneClient): Promise<FileNode[]>;
  /** Whether a change may have changed what is inside. */
  concerns?(change: Change): boolean;
  /** Bytes, where known. */
  size?: number;
  /** The content, from the byte `from` (0) on; with `bytes` only that many are needed. */
  read?(client: PlaneClient, bytes?: number, from?: number): Promise<Response>;
  /** What the editor can do with it, as commands with their arguments. */
  openInEditor?: { command: 'artifact.open' | 'job.openSnapshot' | 'job.openYaml'; args: Record<string, string> };
  saveInEditor?: Record<string, string>;
}
