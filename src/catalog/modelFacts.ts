/** What the header of a model's file tells. Nothing of it is proven: a file can say what it likes. */
export interface ModelFacts {
  format: 'gguf' | 'safetensors' | 'onnx';
  /** `llama`, `qwen2`, `bert`; undefined where the header has none. */
  architecture?: string;
  /** What the maker calls it. */
  title?: string;
  /** SPDX name, as the header has it. */
  license?: string;
  /** Weights in all its tensors. */
  parameters: number;
  /** `Q4_K_M`, `F16`: how most weights are kept. */
  quantization: string;
  /** Bytes of all tensors. */
  weightBytes: number;
  /** Tokens that the model was made for. */
  contextLength?: number;
  /** Bytes that each token of the context takes in the key-value cache, with 16 bits a number. */
  cacheBytesPerToken?: number;
  languages?: string[];
  hasChatTemplate: boolean;
  /** It changes another model, and is none by itself. */
  isAdapter: boolean;
  /** Names of what it takes and what it answers, of ONNX. */
  inputs?: string[];
  outputs?: string[];
  /** It makes vectors of texts, of which its context is the longest. */
  makesEmbeddings?: boolean;
}
