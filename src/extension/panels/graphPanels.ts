import path from 'node:path';
import {
  type Disposable,
  Range,
  type TextEditor,
  Uri,
  ViewColumn,
  type WebviewPanel,
  type WebviewPanelSerializer,
  window,
  workspace,
} from 'vscode';
import { check } from '../../protocol/check.ts';
import type { DocumentGraph } from '../../protocol/graph.ts';
import { FromGraphPage, GraphPageState, type ToGraphPage } from '../../protocol/webview.ts';
import type { Language } from '../language/language.ts';
import { pageHtml } from './pageHtml.ts';

const panelType = 'updraft.graph';

interface OpenGraph {
  uri: Uri;
  panel: WebviewPanel;
  post(message: ToGraphPage): void;
  /** The last one that the server told, for a page that was hidden and begins anew. */
  graph?: DocumentGraph;
}

/** The graphs of pipelines beside their text: one for each file. The language server makes them; here they are only carried to the page, and the cursor both ways. */
export class GraphPanels implements WebviewPanelSerializer, Disposable {
  private readonly open = new Map<string, OpenGraph>();
  private readonly extensionUri: Uri;
  private readonly language: Language;
  private readonly onError: (error: unknown) => void;
  private readonly subscriptions: Disposable[];
  private isAsking = false;
  private askAgain = false;

  constructor(extensionUri: Uri, language: Language, onError: (error: unknown) => void) {
    this.extensionUri = extensionUri;
    this.language = language;
    this.onError = onError;
    this.subscriptions = [
      window.registerWebviewPanelSerializer(panelType, this),
      language.onDidChangeGraph((graph) => this.take(graph)),
      window.onDidChangeTextEditorSelection(() => this.followCursor()),
      window.onDidChangeActiveTextEditor(() => this.followCursor()),
    ];
  }

  /** Shows the graph of a file beside its text, or the tab that shows it already. The text keeps the focus. */
  show(uri: Uri): void {
    const known = this.open.get(uri.toString());
    if (known) return known.panel.reveal(undefined, true);
    const column = window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active;
    this.adopt(window.createWebviewPanel(panelType, panelTitle(uri), { viewColumn: column, preserveFocus: true }, {}), uri, []);
  }

  /** `state` is what the page kept. */
  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    try {
      const { uri, expanded } = check(GraphPageState, state, 'The kept graph');
      this.adopt(panel, Uri.parse(uri, true), expanded);
    } catch (error) {
      // Kept by another version: there is nothing to show.
      panel.dispose();
      this.onError(error);
    }
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    for (const { panel } of this.open.values()) panel.dispose();
  }

  private adopt(panel: WebviewPanel, uri: Uri, expanded: string[]): void {
    const key = uri.toString();
    const { webview } = panel;
    const opened: OpenGraph = { uri, panel, post: (message) => webview.postMessage(message).then(undefined, this.onError) };
    this.open.set(key, opened);
    webview.options = { enableScripts: true, localResourceRoots: [Uri.joinPath(this.extensionUri, 'dist', 'webview')] };
    panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'tab.svg');
    webview.onDidReceiveMessage((data) => {
      try {
        this.answer(opened, check(FromGraphPage, data, 'A message of a graph')).catch(this.onError);
      } catch (error) {
        this.onError(error);
      }
    });
    panel.onDidDispose(() => {
      if (this.open.get(key) !== opened) return;
      this.open.delete(key);
      this.language.unfollowGraph(uri).catch(this.onError);
    });
    webview.html = pageHtml(webview, this.extensionUri, 'graph', panelTitle(uri));
    this.language.followGraph(uri, expanded).catch(this.onError);
  }

  private async answer(opened: OpenGraph, message: FromGraphPage): Promise<void> {
    const { uri, post, graph } = opened;
    switch (message.type) {
      case 'ready':
        post({ type: 'init', uri: uri.toString(), name: path.posix.basename(uri.path) });
        if (graph) post({ type: 'graph', graph });
        return this.followCursor();
      case 'expand':
        return this.language.followGraph(uri, message.nodes);
      case 'reveal':
        return this.reveal(opened, message.node);
      case 'save':
        return save(uri, message.svg);
    }
  }

  private take(graph: DocumentGraph): void {
    const opened = this.open.get(graph.uri);
    if (!opened) return;
    opened.graph = graph;
    opened.post({ type: 'graph', graph });
    this.followCursor();
  }

  private async reveal({ uri, panel }: OpenGraph, node: string): Promise<void> {
    const place = await this.language.graphPlace(uri, node);
    if (!place) return;
    const shown = window.visibleTextEditors.find(({ document }) => document.uri.toString() === place.uri.toString());
    const { start } = place.range;
    await window.showTextDocument(place.uri, { selection: new Range(start, start), viewColumn: shown?.viewColumn ?? besides(panel) });
  }

  /** Tells each graph which node the cursor is in. One question at a time: while one is under way, only that the cursor moved is noted. */
  private followCursor(): void {
    if (this.isAsking) {
      this.askAgain = true;
      return;
    }
    const editor = window.activeTextEditor;
    if (editor?.document.uri.scheme !== 'file' || this.open.size === 0) return;
    this.isAsking = true;
    this.tellCursor(editor)
      .catch(this.onError)
      .finally(() => {
        this.isAsking = false;
        if (this.askAgain) {
          this.askAgain = false;
          this.followCursor();
        }
      });
  }

  private async tellCursor({ document, selection }: TextEditor): Promise<void> {
    for (const { uri, post } of this.open.values()) {
      const node = await this.language.graphNodeAt(uri, document.uri, selection.active);
      // The cursor in a file that the graph does not show says nothing about it.
      if (node !== undefined || document.uri.toString() === uri.toString())
        post({ type: 'cursor', ...(node === undefined ? {} : { node }) });
    }
  }
}

const panelTitle = (uri: Uri) => `Graph: ${path.posix.basename(uri.path)}`;

/** A column other than the graph's own, so that the text does not cover it. */
const besides = ({ viewColumn }: WebviewPanel): ViewColumn => (viewColumn === ViewColumn.One ? ViewColumn.Beside : ViewColumn.One);

async function save(uri: Uri, svg: string): Promise<void> {
  const name = path.posix.basename(uri.path).replace(/\.ya?ml$/i, '');
  const target = await window.showSaveDialog({ defaultUri: Uri.joinPath(uri, '..', `${name}.svg`), filters: { Image: ['svg'] } });
  if (target) await workspace.fs.writeFile(target, Buffer.from(svg));
}
