import type { RunColumn } from '../../src/protocol/runTable.ts';

/** A column as MLflow's filter and order name it: `` metrics.`val/acc` ``, `params.lr`, `attributes.start_time`. */
export const fieldName = ({ of, key }: RunColumn): string => `${of}s.${quoted(key)}`;

/** The column of such a name; undefined for what is none. */
export function fieldOf(name: string): RunColumn | undefined {
  const match = /^(attribute|metric|param|tag)s\.(.+)$/s.exec(name);
  return match ? { of: match[1] as RunColumn['of'], key: unquoted(match[2]!) } : undefined;
}

/** A key as it stands after the dot: in quotes where it is no plain word. */
export const quoted = (key: string): string => (/^[A-Za-z_][\w/-]*$/.test(key) ? key : key.includes('`') ? `"${key}"` : `\`${key}\``);

export const unquoted = (text: string): string => /^(?:`([^`]+)`|"([^"]+)")$/s.exec(text)?.slice(1).find(Boolean) ?? text;
