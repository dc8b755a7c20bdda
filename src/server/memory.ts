/** A small text that a data folder remembers. */
export interface Memory {
  read(): string | undefined;
  write(text: string): void;
}
