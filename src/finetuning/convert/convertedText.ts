import { formatBytes } from '../../base/text.ts';
import type { Converted } from './convertAdapter.ts';

/** What was made, for a person. */
export const convertedText = (what: 'adapter' | 'model', { file, bytes, changes }: Converted): string =>
  `Wrote the ${what} ${file}: ${formatBytes(bytes)}, ${changes} matrices of the base model are changed.`;
