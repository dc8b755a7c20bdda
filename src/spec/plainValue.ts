import { isAlias, isMap, isScalar, isSeq, type Node, stringify } from 'yaml';

/** Most values that the aliases of a file may stand for before it counts as hostile. */
const aliasLimit = 10_000;
const depthLimit = 600;

class TooMuch extends Error {}

/** The plain value of a node, aliases and merge keys resolved; undefined where aliases stand for too much. */
export function plainValue(node: Node | null | undefined, resolve: (node: Node) => Node | null): unknown {
  let fromAliases = 0;
  const convert = (given: Node | null | undefined, aliased: boolean, depth: number): unknown => {
    if (!given) return null;
    if (depth > depthLimit || (aliased && ++fromAliases > aliasLimit)) throw new TooMuch();
    if (isScalar(given)) return given.value;
    if (isAlias(given)) return convert(resolve(given), true, depth + 1);
    if (isSeq(given)) return given.items.map((item) => convert(item as Node, aliased, depth + 1));
    if (!isMap(given)) return undefined;
    const value: Record<string, unknown> = {};
    for (const { key, value: child } of given.items) {
      const name = isScalar(key)
        ? String(key.value)
        : isAlias(key)
          ? String(convert(key, aliased, depth + 1))
          : stringify(key, { collectionStyle: 'flow' }).trim();
      if (name === '<<') merge(value, convert(child as Node, true, depth + 1));
      else define(value, name, convert(child as Node, aliased, depth + 1));
    }
    return value;
  };
  try {
    return node ? convert(node, false, 0) : undefined;
  } catch (error) {
    if (error instanceof TooMuch) return undefined;
    throw error;
  }
}

/** What is merged in never replaces what the map says itself; keys that follow replace it, because they are set later. */
function merge(into: Record<string, unknown>, from: unknown): void {
  for (const each of Array.isArray(from) ? from : [from]) {
    if (typeof each !== 'object' || each === null) continue;
    for (const [name, value] of Object.entries(each)) if (!Object.hasOwn(into, name)) define(into, name, value);
  }
}

/** `__proto__` is a name like any other in a file. */
function define(into: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
  else into[name] = value;
}
