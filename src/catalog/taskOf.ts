import type { ModelFacts } from './modelFacts.ts';

/** Architectures that make vectors of texts and write nothing. */
const encoders = /^(?:bert|nomic-bert|jina-bert|roberta|xlm-roberta|distilbert|mpnet|modernbert|t5encoder|gte|gemma-embedding)/;

/** What a model is made for, as far as its header tells; undefined where it tells nothing. */
export function taskOf({
  isAdapter,
  hasChatTemplate,
  architecture,
  format,
  makesEmbeddings,
}: ModelFacts): 'adapter' | 'embeddings' | 'chat' | 'text' | undefined {
  if (isAdapter) return 'adapter';
  if (makesEmbeddings || (architecture !== undefined && encoders.test(architecture))) return 'embeddings';
  if (hasChatTemplate) return 'chat';
  return format === 'gguf' && architecture !== undefined ? 'text' : undefined;
}
