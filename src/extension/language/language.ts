import {
  commands,
  type Disposable,
  EventEmitter,
  type Location,
  type LogOutputChannel,
  languages,
  type Position,
  type TextDocument,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { aside } from '../../base/aside.ts';
import { messageOf } from '../../base/userError.ts';
import type { DocumentGraph } from '../../protocol/graph.ts';
import type { CheckResult, ComponentFile, LanguageOptions } from '../../protocol/language.ts';
import { DocumentKinds } from './documentKinds.ts';
import type { RunningServer } from './server.ts';

/** The language mode of files that are Azure ML's. */
export const languageId = 'azure-ml-yaml';
export const isYaml = (document: TextDocument): boolean =>
  document.uri.scheme === 'file' && (document.languageId === 'yaml' || document.languageId === languageId);

/**
 * The language server's end in the window. It is started when the first YAML document is there, and its code is loaded only then.
 * It gives the documents that are ours their language mode and keeps the context keys `updraft.isJob`, `updraft.isPipeline` and `updraft.isSpec`.
 */
export class Language implements Disposable {
  readonly kinds = new DocumentKinds();
  private readonly extensionFolder: string;
  private readonly log: LogOutputChannel;
  private readonly options: () => LanguageOptions;
  private server: Promise<RunningServer> | undefined;
  /** Documents whose mode was set once: who sets it back means it. */
  private readonly switched = new Set<string>();
  /** The graphs that are followed, with the nested pipelines that are open in each. */
  private readonly graphs = new Map<string, string[]>();
  private readonly graphEmitter = new EventEmitter<DocumentGraph>();
  readonly onDidChangeGraph = this.graphEmitter.event;
  private readonly subscriptions: Disposable[] = [];

  constructor(extensionFolder: string, log: LogOutputChannel, options: () => LanguageOptions) {
    this.extensionFolder = extensionFolder;
    this.log = log;
    this.options = options;
    this.subscriptions.push(
      this.kinds,
      this.graphEmitter,
      workspace.onDidOpenTextDocument((document) => isYaml(document) && this.wake()),
      workspace.onDidCloseTextDocument((document) => {
        this.kinds.forget(document.uri);
        // A change of the mode closes a document too, and opens it again.
        if (!workspace.textDocuments.some((each) => each !== document && each.uri.toString() === document.uri.toString()))
          setTimeout(() => this.forgetClosed(document.uri), 0);
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('updraft.diagnostics'))
          aside(
            'language server: settings',
            this.server?.then(({ configure }) => configure(this.options())),
            this.log,
          );
      }),
      window.onDidChangeActiveTextEditor(() => this.updateContext()),
      this.kinds.onDidChange(() => this.updateContext()),
    );
    if (workspace.textDocuments.some(isYaml)) this.wake();
    this.updateContext();
  }

  /** Checks a file now, open or not. */
  async check(uri: Uri): Promise<CheckResult> {
    return (await this.start()).check(uri);
  }

  /** The component files of the workspace. */
  async components(): Promise<ComponentFile[]> {
    return (await this.start()).components();
  }

  /** The YAML of a pipeline of these components, for a file at `target`. */
  async assemble(target: Uri, components: string[]): Promise<string> {
    return (await this.start()).assemble(target, components);
  }

  /** Tells the graph of a file from now on, whether it is open or not; called again when other nested pipelines are to be shown in place. */
  async followGraph(uri: Uri, expanded: string[]): Promise<void> {
    this.graphs.set(uri.toString(), expanded);
    await (await this.start()).followGraph({ uri: uri.toString(), expanded });
  }

  async unfollowGraph(uri: Uri): Promise<void> {
    this.graphs.delete(uri.toString());
    await (await this.server)?.unfollowGraph(uri.toString());
  }

  /** Where a node of a followed graph is written. */
  async graphPlace(graph: Uri, node: string): Promise<Location | undefined> {
    return (await this.start()).graphPlace(graph.toString(), node);
  }

  /** The node of a followed graph that a position in a file belongs to. */
  async graphNodeAt(graph: Uri, file: Uri, position: Position): Promise<string | undefined> {
    return (await this.start()).graphNodeAt(graph.toString(), file, position);
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    aside(
      'language server: end',
      this.server?.then(({ stop }) => stop()),
      this.log,
    );
  }

  private wake(): void {
    // Why it did not start is said already.
    this.start().catch(() => {});
  }

  private start(): Promise<RunningServer> {
    this.server ??= import('./server.ts').then(({ startServer }) =>
      startServer({
        extensionFolder: this.extensionFolder,
        log: this.log,
        options: this.options(),
        onKind: (uri, kind) => this.take(uri, kind),
        hasItsMode: ({ uri, languageId: mode }) => mode !== 'yaml' || this.switched.has(uri.toString()),
        onGraph: (graph) => this.graphEmitter.fire(graph),
        onRestarted: () => {
          for (const [uri, expanded] of this.graphs)
            aside(
              'language server: graph',
              this.server?.then(({ followGraph }) => followGraph({ uri, expanded })),
              this.log,
            );
        },
      }),
    );
    this.server.catch((error) => {
      this.log.error(`The language server did not start: ${messageOf(error)}`);
      this.server = undefined;
    });
    return this.server;
  }

  private take(uri: Uri, kind: Parameters<DocumentKinds['set']>[1]): void {
    this.kinds.set(uri, kind);
    const key = uri.toString();
    const document = workspace.textDocuments.find((each) => each.uri.toString() === key);
    if (!kind.isOurs || document?.languageId !== 'yaml' || this.switched.has(key)) return;
    this.switched.add(key);
    aside('language mode', this.giveMode(document), this.log);
  }

  /** The lenses wait for the mode. Whether the editor asks for them again with it depends on what else it does at that moment, so it is told to. */
  private async giveMode(document: TextDocument): Promise<void> {
    const { uri } = document;
    try {
      await languages.setTextDocumentLanguage(document, languageId);
    } finally {
      const present = workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
      if (present) (await this.server)?.refreshLenses(present);
    }
  }

  private forgetClosed(uri: Uri): void {
    if (!workspace.textDocuments.some((each) => each.uri.toString() === uri.toString())) this.switched.delete(uri.toString());
  }

  private updateContext(): void {
    const document = window.activeTextEditor?.document;
    const kind = document && isYaml(document) ? this.kinds.get(document.uri) : undefined;
    const setContext = (key: string, value: boolean) => aside('context', commands.executeCommand('setContext', key, value), this.log);
    setContext('updraft.isJob', kind?.isJob ?? false);
    setContext('updraft.isSpec', kind?.isOurs ?? false);
    setContext('updraft.isPipeline', kind?.kind === 'pipelineJob' || kind?.kind === 'pipelineComponent');
  }
}
