import type { Node } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { type Field, follow } from '../spec/field.ts';
import { flatten, variantOf } from '../spec/variant.ts';
import { type Cursor, siblings } from './cursor.ts';

/** The fields that a path may mean, several where the file does not say which alternative it is. `nodeAt` answers the node at the first `depth` keys. */
function follows(root: Field, path: readonly (string | number)[], nodeAt: (depth: number) => Node | null, document: SpecDocument): Field[] {
  let fields = [root];
  for (const [depth, key] of path.entries()) {
    fields = fields.flatMap((field) => chosen(field, () => nodeAt(depth), document)).flatMap((field) => childOf(field, key) ?? []);
    if (fields.length === 0) return [];
  }
  return fields;
}

/** Like `concrete`; the node is looked for only where there is a choice. */
function chosen(given: Field, node: () => Node | null, document: SpecDocument): Field[] {
  const field = follow(given);
  return field.anyOf ? concrete(field, node(), document) : [field];
}

/** A field's alternative by its node; all of them where there is none to tell by. */
export function concrete(field: Field, node: Node | null, document: SpecDocument): Field[] {
  const chosen = node ? variantOf(field, node, document) : undefined;
  return chosen ? [follow(chosen)] : flatten(field).map(follow);
}

/** What may stand under a key of a map, or as an item of a list. */
export function childOf(field: Field, key: string | number): Field | undefined {
  if (typeof key === 'number' && field.type === 'array') return field.items;
  return (
    (field.properties && Object.hasOwn(field.properties, key) ? field.properties[key] : undefined) ??
    (typeof field.additionalProperties === 'object' ? field.additionalProperties : undefined)
  );
}

/** The fields of what stands at a path of a well-formed document, alternatives not yet chosen. */
export function fieldsAtPath(document: SpecDocument, root: Field, path: readonly (string | number)[]): Field[] {
  return follows(root, path, (depth) => document.at(path.slice(0, depth)), document);
}

/** The fields of the collection around the cursor, alternatives chosen by the keys on the lines around it. */
export function fieldsAround(document: SpecDocument, root: Field, cursor: Cursor): Field[] {
  const path = cursor.levels.map(({ key }) => key);
  const map = (depth: number): Node | null => {
    // The map at a depth is told by the lines of its keys: the level's own, or at the end the cursor's.
    const level = depth < cursor.levels.length ? cursor.levels[depth]! : undefined;
    if (cursor.inFlow && depth >= cursor.levels.length - 1) return null;
    if (typeof level?.key === 'number') return null;
    const found = level ? siblings(document, level.line, level.column) : siblings(document, cursor.line, cursor.column);
    return found.items.length > 0 ? found : null;
  };
  return follows(root, path, map, document).flatMap((field) =>
    // The key that tells the alternatives apart may become any of them.
    cursor.part === 'item' || (cursor.part === 'value' && isToldBy(field, cursor.key))
      ? flatten(field)
      : chosen(field, () => map(path.length), document),
  );
}

const isToldBy = (given: Field, key: string | undefined): boolean => {
  const field = follow(given);
  return (key !== undefined && field.discriminator === key) || (field.anyOf ?? []).some((each) => isToldBy(each, key));
};
