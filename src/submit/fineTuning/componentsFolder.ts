import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';

/** Where the components of a fine-tuning are, with their code: a part of every installation. */
export function componentsFolder(): string {
  // Bundled, this file is in `dist/`; from source it is in `src/submit/fineTuning/`.
  const here = import.meta.dirname;
  const candidates = [path.join(here, 'finetuning', 'pipeline'), path.join(here, '..', '..', '..', 'dist', 'finetuning', 'pipeline')];
  const found = candidates.find((each) => existsSync(path.join(each, 'code', 'steps.mjs')));
  if (found) return found;
  throw new UserError(
    'MissingFile',
    'The components of a fine-tuning are missing in this installation.',
    'Install Updraft anew; in its source folder, run `npm run build`.',
  );
}
