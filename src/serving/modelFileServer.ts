import type { AdapterFacts } from '../protocol/adapterFacts.ts';
import type { EngineFormat } from '../protocol/inferenceEngine.ts';

/** A program and what it finds in its environment. */
export interface Program {
  words: string[];
  variables: Record<string, string>;
}

/** How the program that serves a model by itself is started. What it needs is installed first, if need be; `onLine` tells of that. */
export interface ModelFileServer {
  /** `name`: what callers see of the model. Behind the words come the model's file, the file for the port and, where there is one, an adapter. What it needs is installed first, of which `onLine` tells. */
  start(name: string, format: EngineFormat, onLine: (line: string) => void): Promise<Program>;
  /** The file of the model that an adapter was trained from. Throws a `UserError` where this machine does not have it. */
  base(base: AdapterFacts['base']): Promise<string>;
}
