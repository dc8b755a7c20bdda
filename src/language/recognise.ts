import type { SpecDocument } from '../spec/document.ts';
import { kindOf } from '../spec/kind.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import type { OurFile } from './workspace.ts';

/** What a document is; undefined for YAML that is none of Azure ML's. */
export function recognise(document: SpecDocument): OurFile | undefined {
  const found = kindOf(document);
  if (!found) return undefined;
  return { document, kind: found.kind, field: found.kind && kindFacts[found.kind].schema };
}
