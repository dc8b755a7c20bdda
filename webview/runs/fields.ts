import type { RunColumn } from '../../src/protocol/runTable.ts';

/** A column as MLflow's filter and order name it: `` metrics.`val/acc` ``, `params.lr`, `attributes.start_time`. */
export function fieldName({ of, key }: RunColumn): string {
  return `${of}s.${/^[A-Za-z_][\w/-]*$/.test(key) ? key : `\`${key}\``}`;
}

/** The column of such a name; undefined for what is none. */
export function fieldOf(name: string): RunColumn | undefined {
  const match = /^(attribute|metric|param|tag)s\.(?:`([^`]+)`|([^`]+))$/s.exec(name);
  return match ? { of: match[1] as RunColumn['of'], key: match[2] ?? match[3]! } : undefined;
}
