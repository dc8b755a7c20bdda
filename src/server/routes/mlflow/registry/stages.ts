import { invalid } from '../request.ts';

/** MLflow's stages of a model version. */
export const stages = ['None', 'Staging', 'Production', 'Archived'] as const;
export const activeStages: readonly string[] = ['Staging', 'Production'];

/** A stage as MLflow spells it; throws for any other word. */
export function canonicalStage(stage: string): string {
  const found = stages.find((each) => each.toLowerCase() === stage.toLowerCase());
  if (!found) throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${stages.join(', ')}.`);
  return found;
}
