import { type InlayHint, InlayHintKind } from 'vscode-languageserver-types';
import { isMap, isScalar } from 'yaml';
import { jobAround, resolveExpression } from './expressionAt.ts';
import { assetReference } from './hover.ts';
import { interfaceOfStep } from './interfaces.ts';
import { placeAt } from './place.ts';
import { positionOf } from './positions.ts';
import type { Context, NamedKind } from './workspace.ts';

const kindOfKey: Record<string, NamedKind> = { environment: 'environments', component: 'components', model: 'models', path: 'data' };

/** What the text does not say: the type of an expression, the defaults that a step's component will use, the version that `@latest` is now. */
export async function inlayHints({ ours: { document }, workspace, names }: Context, start: number, end: number): Promise<InlayHint[]> {
  const hints: InlayHint[] = [];
  const from = document.lineStart(document.lineAt(start));
  const text = document.text.slice(from, end);
  for (const match of text.matchAll(/\$\{\{\s*([^{}\n]*?)\s*\}\}/g)) {
    const at = from + match.index;
    const place = placeAt(document, at + 3);
    if (place?.part !== 'value') continue;
    const found = resolveExpression(
      document,
      { path: match[1]!.split('.'), start: at, end: at + match[0].length, job: jobAround(place.path) },
      workspace,
    );
    if (!found) continue;
    // In a command a type behind each expression would be noise.
    if (isScalar(place.node) && String(place.node.value).trim() !== match[0].trim()) continue;
    hints.push({
      position: positionOf(document, at + match[0].length),
      label: `: ${found.port.type}`,
      kind: InlayHintKind.Type,
      tooltip: `The ${found.origin}`,
    });
  }
  for (const match of text.matchAll(/^[ \t-]*([\w$]+):[ \t]+["']?(azureml:[^\s"'#]+@latest)\b/gm)) {
    const reference = assetReference(match[2]!);
    const kind = kindOfKey[match[1]!];
    if (!reference || !kind) continue;
    const latest = (await names.list(kind))?.find(({ name }) => name === reference.name)?.latestVersion;
    if (latest)
      hints.push({
        position: positionOf(document, from + match.index + match[0].length),
        label: ` = ${latest}`,
        tooltip: 'The latest version on the connected plane',
      });
  }
  for (const step of document.steps) {
    if (step.start > end || step.start + step.text.length < start || step.key === undefined) continue;
    const path = ['jobs', step.key];
    const component = document.at([...path, 'component']);
    if (!isScalar(component)) continue;
    const given = document.at([...path, 'inputs']);
    const missing = (interfaceOfStep(document, path, workspace)?.inputs ?? []).filter(
      (port) => port.default !== undefined && !(isMap(given) && given.has(port.name)),
    );
    if (missing.length === 0 || !component.range) continue;
    hints.push({
      position: positionOf(document, component.range[1]),
      label: `  ${missing.map((port) => `${port.name} = ${JSON.stringify(port.default)}`).join(', ')}`.slice(0, 120),
      paddingLeft: true,
      tooltip: 'Defaults that will be used',
    });
  }
  return hints;
}
