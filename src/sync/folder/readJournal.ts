import { readFileSync } from 'node:fs';
import { type JournalEntry, readEntries } from './journalEntry.ts';

/** What stands in a journal, for who only looks at it; nothing where there is none. In the order in which it was asked for first. */
export function readJournal(file: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const newest = new Map<string, JournalEntry>();
  readEntries(text.slice(0, text.lastIndexOf('\n') + 1), newest, { file });
  return [...newest.values()];
}
