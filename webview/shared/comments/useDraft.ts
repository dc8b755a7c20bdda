import { usePageState } from '../host/pageState.ts';

/** What is being written, and the id that it is sent under: sent again when no answer came, it is the same comment. */
export interface Draft {
  id: string;
  text: string;
}

const empty: Draft = { id: '', text: '' };

/** A draft that survives a reload. It stands in no address. `of` tells apart what is written about. */
export function useDraft(of: string): [Draft, (text: string) => void] {
  const [draft, keep] = usePageState<Draft>(`private.draft.${of}`, empty);
  return [draft, (text) => keep(text === '' ? empty : { id: draft.id || newId(), text })];
}

/** A UUID, also where a page is not served over https. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
