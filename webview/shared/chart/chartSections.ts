import type { LoggedKey } from '../../../src/protocol/loggedFiles.ts';
import { plainText } from '../ui/plainText.ts';

/** A chart of one metric, or one of the user's own with several; or what was logged beside metrics. */
export interface ChartCardOf {
  id: string;
  /** Whole: what is shown of it is for the section to say. */
  name: string;
  /** Metrics. */
  keys: readonly string[];
  isOwn: boolean;
  /** Present of a card that shows files. */
  logged?: LoggedKey;
}

export interface ChartSection {
  id: string;
  title: string;
  /** What all of its names begin with and its title says. */
  prefix: string;
  cards: ChartCardOf[];
}

/** Charts of the user's own: by id, their names and metrics. */
export type OwnCharts = Readonly<Record<string, { name: string; keys: readonly string[] }>>;

/** A section of its own for the metrics that it has. `prefix` is left out of their names. */
export interface ChartGroup {
  title: string;
  prefix: string;
  has(key: string): boolean;
}

/** The group of the machine's load, which the runner measures: the prefix is MLflow's own. */
export const machineGroup = 'system';
export const pinnedSection = '*pinned';
export const ownSection = '*own';
export const restSection = '*metrics';
const imageSection = '*images';
const fileSection = '*files';

/** Of a card that shows files of this key. */
export const loggedId = ({ kind, key }: LoggedKey): string => `*${kind}/${key}`;

export const ownId = (id: string): string => `*own/${id}`;

/** What stands before the first `/`; '' where nothing does. */
const prefixOf = (key: string): string => {
  const slash = key.indexOf('/');
  return slash > 0 ? key.slice(0, slash) : '';
};

/** By name, numbers in it by their size: `layer 2` before `layer 10`. Of twelve thousand names a collator would need a quarter of a second. */
export function inNaturalOrder(names: readonly string[]): string[] {
  const padded = names.map((name) => [name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0')), name] as const);
  return padded.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, name]) => name);
}

/**
 * Sorts cards into sections: pinned ones, the user's own charts, metrics without a prefix, then a section for each prefix, by name; then pictures, then other files.
 * Metrics of the machine come last. A prefix that only one metric has makes no section. With `groups` these are the sections, in their order; a metric goes to the first one that takes it.
 * `keys` are in the order of the charts. `moves` are texts as `moveText` writes them.
 */
export function chartSections(
  keys: readonly string[],
  {
    matches,
    pinned,
    own,
    moves,
    groups = [],
    logged = [],
  }: {
    matches(name: string): boolean;
    pinned: readonly string[];
    own: OwnCharts;
    moves: readonly string[];
    groups?: readonly ChartGroup[];
    logged?: readonly LoggedKey[];
  },
): ChartSection[] {
  const count = new Map<string, number>();
  for (const key of keys) count.set(prefixOf(key), (count.get(prefixOf(key)) ?? 0) + 1);
  const isPinned = new Set(pinned);
  const sections = new Map<string, ChartSection>();
  const put = (id: string, title: string, card: ChartCardOf, prefix = `${id}/`) => {
    const where = isPinned.has(card.id) ? pinnedSection : id;
    const section = sections.get(where) ?? { id: where, title: where === pinnedSection ? 'Pinned' : title, prefix, cards: [] };
    section.cards.push(card);
    sections.set(where, section);
  };
  for (const [id, { name, keys: metrics }] of Object.entries(own))
    if (matches(name) || metrics.some(matches)) put(ownSection, 'Charts of your own', { id: ownId(id), name, keys: metrics, isOwn: true });
  for (const key of keys) {
    if (!matches(key)) continue;
    const group = groups.find((each) => each.has(key));
    if (group) {
      put(group.title, group.title, { id: key, name: key, keys: [key], isOwn: false }, group.prefix);
      continue;
    }
    const prefix = prefixOf(key);
    const isGroup = prefix === machineGroup || (prefix !== '' && count.get(prefix)! > 1);
    put(isGroup ? prefix : restSection, isGroup ? prefix : 'Metrics', { id: key, name: key, keys: [key], isOwn: false });
  }
  for (const each of logged) {
    if (!matches(each.key)) continue;
    const card = { id: loggedId(each), name: plainText(each.key), keys: [], isOwn: false, logged: each };
    if (each.kind === 'image') put(imageSection, 'Images', card, '');
    else put(fileSection, 'Tables, matrices, histograms and text', card, '');
  }
  const first = [pinnedSection, ownSection, restSection];
  const behind = [imageSection, fileSection, machineGroup];
  const titles = groups.map(({ title }) => title);
  const rank = ({ id }: ChartSection) => {
    if (first.includes(id)) return first.indexOf(id);
    if (behind.includes(id)) return first.length + titles.length + 1 + behind.indexOf(id);
    return first.length + (titles.includes(id) ? titles.indexOf(id) : titles.length);
  };
  const ordered = [...sections.values()].sort((a, b) => rank(a) - rank(b));
  for (const section of ordered) {
    // Pinned charts stand in the order in which they were pinned.
    if (section.id === pinnedSection) section.cards.sort((a, b) => pinned.indexOf(a.id) - pinned.indexOf(b.id));
    section.cards = inOrder(section.cards, moves);
  }
  return ordered;
}

/** A move of a chart, as it is kept: to the place of another one of its section. */
export const moveText = (id: string, to: string): string => JSON.stringify([id, to]);

function inOrder(cards: ChartCardOf[], moves: readonly string[]): ChartCardOf[] {
  let ordered = cards;
  for (const move of moves) {
    const [id, to] = parsed(move);
    const from = ordered.findIndex((card) => card.id === id);
    const at = ordered.findIndex((card) => card.id === to);
    if (from >= 0 && at >= 0) ordered = ordered.toSpliced(from, 1).toSpliced(at, 0, ordered[from]!);
  }
  return ordered;
}

function parsed(move: string): unknown[] {
  try {
    const value: unknown = JSON.parse(move);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** How metrics are searched: all words, or a regular expression. `error` says what is wrong with the latter, which then fits everything. */
export function metricSearch(text: string, isRegex: boolean): { matches(name: string): boolean; error?: string } {
  if (text.trim() === '') return { matches: () => true };
  if (isRegex) {
    try {
      const pattern = new RegExp(text, 'iu');
      return { matches: (name) => pattern.test(name) };
    } catch (error) {
      return {
        matches: () => true,
        error: error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error),
      };
    }
  }
  const words = text.toLowerCase().trim().split(/\s+/);
  return { matches: (name) => words.every((word) => name.toLowerCase().includes(word)) };
}
