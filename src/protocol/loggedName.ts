import { packagesFile } from './jobPlaces.ts';
import type { LoggedKind } from './loggedFiles.ts';

/** What the path of an artifact says about it. */
export interface LoggedName {
  kind: LoggedKind;
  /** What files of several steps have in common; the path itself of what has no step. */
  key: string;
  step?: number;
  /** ms since 1970. */
  at?: number;
  /** It is the smaller picture of the file at this path. */
  previewOf?: string;
}

const kinds: Record<string, LoggedKind> = {
  ...{ png: 'image', jpg: 'image', jpeg: 'image', gif: 'image', webp: 'image', svg: 'image' },
  ...{ json: 'data', csv: 'data', tsv: 'data', parquet: 'data' },
  ...{ txt: 'text', md: 'text' },
};

/** Folders of what is shown elsewhere: logs, and the pictures that cells of tables name. */
const otherFolders = /^(?:user_logs|system_logs|logs|azureml-logs|table_images)\//;

/** Names that `mlflow.log_image` gives: the mark between the parts was `%`, and is `+` since 3.10. */
const image = /^(images\/(.+)([+%])step\3(-?\d+)\3timestamp\3(\d+)\3[0-9a-f-]{36})(\3compressed)?\.(?:png|webp)$/s;
/** What stands for `/` in a key, by the mark. */
const slashes: Record<string, string> = { '+': '~', '%': '#' };

/** `plots/epoch_12.png`: the number behind a word for a step, in a file's name or in a folder's. */
const counted = /^(.*(?:^|[^a-z])(?:step|epoch|iter|iteration)[_=. -]?)(\d{1,15})((?![0-9a-z]).*)$/is;

/** Reads the path of an artifact; undefined for what no card shows. */
export function loggedName(path: string): LoggedName | undefined {
  const kind = kinds[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''];
  if (!kind || otherFolders.test(path) || path === packagesFile) return undefined;
  const found = image.exec(path);
  if (found) {
    const [, name, key, mark, step, at, isSmall] = found;
    return {
      kind: 'image',
      key: key!.replaceAll(slashes[mark!]!, '/'),
      step: Number(step),
      at: Number(at),
      ...(isSmall ? { previewOf: `${name}.png` } : {}),
    };
  }
  const [, before, step, after] = counted.exec(path) ?? [];
  if (step === undefined) return { kind, key: path };
  return { kind, key: `${before}*${after}`, step: Number(step) };
}

/** What the paths of a key begin with: one of these. */
export function loggedPlaces({ kind, key }: Pick<LoggedName, 'kind' | 'key'>): string[] {
  const plain = key.split('*')[0]!;
  if (kind !== 'image') return [plain];
  return [...Object.entries(slashes).map(([mark, slash]) => `images/${key.replaceAll('/', slash)}${mark}step${mark}`), plain];
}

/** What is behind all other steps of the same file, in the order of paths; undefined for what has no step. */
export function behindSteps(path: string): string | undefined {
  const found = image.exec(path);
  const before = found ? `images/${found[2]}${found[3]}step${found[3]}` : counted.exec(path)?.[1];
  // `:` comes after all digits.
  return before === undefined ? undefined : `${before}:`;
}
