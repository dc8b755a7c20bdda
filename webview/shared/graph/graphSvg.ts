import type { Graph, GraphNode } from '../../../src/protocol/graph.ts';
import { lookOf } from '../ui/statusLook.ts';
import { type Box, type Direction, layout } from './layout.ts';
import { routePath } from './route.ts';

/** Colours that stay readable on white paper and in a document, whatever theme the page has. */
const tones = {
  running: '#1a73e8',
  queued: '#6b7280',
  passed: '#1f883d',
  failed: '#cf222e',
  skipped: '#6b7280',
  warning: '#9a6700',
} as const;
const margin = 16;

/** The graph as an SVG document of its own: the same layout as on the page, on white, with nothing that runs or loads. */
export function graphSvg(graph: Graph, direction: Direction = 'down', title = 'Pipeline'): string {
  const { boxes: inFrames, routes } = layout(graph, direction);
  const boxes = absolute(graph, inFrames);
  const corners = [...routes.values()].flatMap(({ points }) => points.map(({ x, y }) => ({ x, y, width: 0, height: 0 })));
  const all = [...boxes.values(), ...corners];
  const width = Math.max(0, ...all.map((box) => box.x + box.width)) + 2 * margin;
  const height = Math.max(0, ...all.map((box) => box.y + box.height)) + 2 * margin;
  const edges = graph.edges.map((edge) => {
    const route = routes.get(edge.id);
    if (!route) return '';
    const color = edge.isBroken ? tones.failed : '#8c959f';
    const label =
      edge.label && route.label
        ? `<text x="${route.label.x}" y="${route.label.y + 3}" font-size="10" fill="#57606a" text-anchor="middle" paint-order="stroke" stroke="#fff" stroke-width="4">${escapeXml(shortened(edge.label, 30))}</text>`
        : '';
    return `<path d="${routePath(route, direction)}" fill="none" stroke="${color}" marker-end="url(#${edge.isBroken ? 'broken' : 'arrow'})"/>${label}`;
  });
  const nodes = graph.nodes.map((node) => nodeSvg(node, boxes.get(node.id)!));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-margin} ${-margin} ${width} ${height}" font-family="system-ui, sans-serif">
<title>${escapeXml(title)}</title>
<defs>${arrowHead('arrow', '#8c959f')}${arrowHead('broken', tones.failed)}</defs>
<rect x="${-margin}" y="${-margin}" width="${width}" height="${height}" fill="#fff"/>
${[...edges, ...nodes].filter(Boolean).join('\n')}
</svg>
`;
}

const arrowHead = (id: string, color: string) =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="${color}"/></marker>`;

function nodeSvg(node: GraphNode, { x, y, width, height }: Box): string {
  const isEnd = node.kind === 'input' || node.kind === 'output';
  const look = lookOf(node.status);
  const color = node.isBroken ? tones.failed : tones[look.tone];
  const fill = node.isExpanded ? '#f6f8fa' : '#fff';
  const shape = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${isEnd ? height / 2 : 6}" fill="${fill}" stroke="${isEnd ? '#8c959f' : color}"/>`;
  if (isEnd)
    return `${shape}<text x="${x + width / 2}" y="${y + height / 2 + 4}" font-size="12" fill="#24292f" text-anchor="middle">${escapeXml(shortened(node.label, 22))}</text>`;
  const said = node.isBroken ? (node.detail ?? 'Not defined') : node.status ? look.label : (node.detail ?? look.label);
  const detail = shortened([said, node.isReused ? 'reused' : ''].filter(Boolean).join(' · '), 34);
  return `${shape}<text x="${x + 12}" y="${y + 21}" font-size="13" font-weight="600" fill="#24292f">${escapeXml(shortened(node.label, 26))}</text><text x="${x + 12}" y="${y + 39}" font-size="11" fill="${color}">${escapeXml(detail)}</text>`;
}

/** From places inside a parent to places in the picture. */
function absolute({ nodes }: Graph, boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  const parentOf = new Map(nodes.map((node) => [node.id, node.parent]));
  return new Map(
    [...boxes].map(([id, box]) => {
      let { x, y } = box;
      for (let parent = parentOf.get(id); parent !== undefined; parent = parentOf.get(parent)) {
        x += boxes.get(parent)?.x ?? 0;
        y += boxes.get(parent)?.y ?? 0;
      }
      return [id, { ...box, x, y }];
    }),
  );
}

const shortened = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
const escapeXml = (text: string) =>
  text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
