import type { DocumentGraph } from '../../protocol/graph.ts';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { kindFacts } from '../../spec/kinds/all.ts';
import type { FilePlace } from '../navigation.ts';
import type { Workspace } from '../workspace.ts';
import { type DrawnGraph, documentGraph } from './documentGraph.ts';
import { nodeAt, placeOfNode } from './places.ts';

interface Followed {
  file: string;
  expanded: ReadonlySet<string>;
  /** The last graph of a file that could be read as a whole. */
  drawn: DrawnGraph;
  hasDrawn: boolean;
  /** What was told last, as text. */
  told: string;
}

const nothing: DrawnGraph = { graph: { nodes: [], edges: [] }, origins: new Map() };

/** The graphs that an editor looks at, by the uri under which it asked. Each is told when it is another than before; of a file that can't be read, the last one that could. */
export class FollowedGraphs {
  private readonly followed = new Map<string, Followed>();
  private readonly workspace: Workspace;
  private readonly check: (uri: string, file: string) => readonly Diagnostic[];
  private readonly tell: (graph: DocumentGraph) => void;

  /** `check` answers what is wrong with a file and those that it names. */
  constructor(workspace: Workspace, check: (uri: string, file: string) => readonly Diagnostic[], tell: (graph: DocumentGraph) => void) {
    this.workspace = workspace;
    this.check = check;
    this.tell = tell;
  }

  follow(uri: string, file: string, expanded: readonly string[]): void {
    const known = this.followed.get(uri);
    // The last readable graph stays; whoever follows anew is told in any case.
    this.followed.set(uri, {
      file,
      expanded: new Set(expanded),
      drawn: known?.drawn ?? nothing,
      hasDrawn: known?.hasDrawn ?? false,
      told: '',
    });
    this.update();
  }

  unfollow(uri: string): void {
    this.followed.delete(uri);
  }

  /** Tells the graphs that changed. */
  update(): void {
    for (const [uri, followed] of this.followed) {
      const graph = this.draw(uri, followed);
      const text = JSON.stringify(graph);
      if (text === followed.told) continue;
      followed.told = text;
      this.tell(graph);
    }
  }

  /** Where a node of a followed graph is written. */
  place(uri: string, node: string): FilePlace | undefined {
    const followed = this.followed.get(uri);
    return followed && placeOfNode(followed.drawn, this.workspace, node);
  }

  /** The node of a followed graph that an offset in a file belongs to. */
  nodeAt(
    uri: string,
    file: string,
    offsetIn: (document: NonNullable<ReturnType<Workspace['open']>>['document']) => number,
  ): string | undefined {
    const followed = this.followed.get(uri);
    const document = followed && this.workspace.open(file)?.document;
    return document && nodeAt(followed.drawn, document, offsetIn(document));
  }

  private draw(uri: string, followed: Followed): DocumentGraph {
    const { file, expanded } = followed;
    const ours = this.workspace.open(file);
    if (!ours) {
      const isThere = this.workspace.files.kind(file) === 'file';
      // A file that is emptied or broken while it is typed in is not ours for a moment.
      if (!isThere) followed.hasDrawn = false;
      return { uri, state: isThere ? 'other' : 'missing', graph: nothing.graph };
    }
    const about = ours.kind && kindFacts[ours.kind].title;
    const known = about ? { about } : {};
    const isBroken = ours.document.hasSyntaxErrors;
    if (!isBroken || !followed.hasDrawn) {
      const diagnostics = this.check(uri, file);
      const drawn = documentGraph(ours, this.workspace, diagnostics, expanded);
      if (!drawn && !isBroken) return { uri, state: 'other', graph: nothing.graph, ...known };
      if (drawn) {
        followed.drawn = drawn;
        followed.hasDrawn = !isBroken;
      }
    }
    if (!isBroken) return { uri, state: 'current', graph: followed.drawn.graph, ...known };
    const [problem] = ours.document.diagnostics.filter(({ code }) => code === 'YamlSyntax');
    return {
      uri,
      state: 'stale',
      graph: followed.drawn.graph,
      ...known,
      ...(problem ? { problem: { message: problem.message, line: problem.range.start.line } } : {}),
    };
  }
}
