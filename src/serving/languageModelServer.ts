/** How the program that serves a language model is started. What it needs is installed first, if need be. */
export interface LanguageModelServer {
  start(
    model: { file: string; name: string },
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ words: string[]; variables: Record<string, string> }>;
}
