import type { EngineFormat } from '../protocol/inferenceEngine.ts';

/** A program and what it finds in its environment. */
export interface Program {
  words: string[];
  variables: Record<string, string>;
}

/** How the program that serves a model by itself is started. What it needs is installed first, if need be; `onLine` tells of that. */
export interface ModelFileServer {
  /** `name`: what callers see of the model. Behind the words come the model's file and the file for the port. */
  start(name: string, format: EngineFormat, onLine: (line: string) => void): Promise<Program>;
}
