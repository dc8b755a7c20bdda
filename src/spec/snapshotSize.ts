import { formatBytes } from '../base/text.ts';

/** Largest snapshot in bytes: Azure ML's own limit for a code folder. */
export const snapshotLimit = 300_000_000;
/** Files that a message about a snapshot which is too large names. */
export const biggestCount = 8;

/** What the files of a code folder come to, in bytes, and the biggest of them. */
export interface SnapshotSize {
  size: number;
  biggest: { path: string; size: number }[];
}

/** What is said of a snapshot that is too large. `folder` as the person wrote it. */
export function tooLarge(folder: string, { size, biggest }: SnapshotSize): { message: string; hint: string } {
  const files = biggest.slice(0, biggestCount).map((each) => `  ${formatBytes(each.size).padStart(8)}  ${each.path}`);
  return {
    message: `The code folder ${folder} has ${formatBytes(size)}; a snapshot may have ${formatBytes(snapshotLimit)}. The biggest files:\n${files.join('\n')}`,
    hint: 'Leave data out with a .amlignore file (same rules as .gitignore).',
  };
}
