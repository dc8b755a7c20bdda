import { UserError } from '../base/userError.ts';

/** The engine's contexts for vectors take no adapters: the vectors would be those of the base model. */
export const noVectors = (): UserError =>
  new UserError(
    'InvalidRequest',
    'A model with an adapter makes no vectors here.',
    'Ask its base model for them, or a model that is made for vectors.',
  );
