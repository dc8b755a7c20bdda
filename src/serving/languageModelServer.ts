/** A program and what it finds in its environment. */
export interface Program {
  words: string[];
  variables: Record<string, string>;
}

/** How the program that serves a language model is started. What it needs is installed first, if need be; `onLine` tells of that. */
export interface LanguageModelServer {
  /** `name`: what callers see of the model. Behind the words come the model's file and the file for the port. */
  start(name: string, onLine: (line: string) => void): Promise<Program>;
}
