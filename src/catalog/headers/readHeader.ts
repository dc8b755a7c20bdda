import type { ModelFacts } from '../modelFacts.ts';
import { readGguf } from './readGguf.ts';
import { readOnnx } from './readOnnx.ts';
import { readSafetensors } from './readSafetensors.ts';

/** Files whose header we read, and that run no code when they are loaded. */
export const isModelFile = (name: string): boolean => /\.(?:gguf|safetensors|onnx)$/i.test(name);

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

/** What the header of a model's file tells, by the ending of its name. Throws a `UserError` where it can't be so. */
export function readHeader(file: string): Promise<ModelFacts> {
  if (/\.safetensors$/i.test(file)) return readSafetensors(file);
  // Ollama's files have no ending; they are GGUF.
  return isOnnx(file) ? readOnnx(file) : readGguf(file);
}
