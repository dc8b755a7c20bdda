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
import { systemTimers, type Timers } from '../../base/timers.ts';
import { messageOf } from '../../base/userError.ts';
import type { DocumentGraph } from '../../protocol/graph.ts';
import type { CheckResult, ComponentFile, LanguageOptions, SpecFile } from '../../protocol/language.ts';
import { AwaitedLenses } from './awaitedLenses.ts';
import { DocumentKinds } from './documentKinds.ts';
import type { RunningServer, startServer } from './server.ts';

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
  private readonly startServer: typeof startServer;
  private server: Promise<RunningServer> | undefined;
  /** Documents that have their mode (true) or are being given it: it is given once, for who sets it back means it. A document stays the same object when its mode changes. */
  private readonly modes = new WeakMap<TextDocument, boolean>();
  private readonly lenses: AwaitedLenses;
  /** The graphs that are followed, with the nested pipelines that are open in each. */
  private readonly graphs = new Map<string, string[]>();
  private readonly graphEmitter = new EventEmitter<DocumentGraph>();
  readonly onDidChangeGraph = this.graphEmitter.event;
  private readonly subscriptions: Disposable[] = [];

  /** `start` and `timers` are the process and its clock. */
  constructor(
    extensionFolder: string,
    log: LogOutputChannel,
    options: () => LanguageOptions,
    start: typeof startServer = async (given) => (await import('./server.ts')).startServer(given),
    timers: Timers = systemTimers,
  ) {
    this.startServer = start;
    this.extensionFolder = extensionFolder;
    this.log = log;
    this.options = options;
    this.lenses = new AwaitedLenses(
      (document) =>
        aside(
          'lenses',
          this.server?.then(({ refreshLenses }) => refreshLenses(document)),
          log,
        ),
      (document) => window.visibleTextEditors.some((editor) => editor.document === document),
      timers,
    );
    this.subscriptions.push(
      this.kinds,
      this.lenses,
      this.graphEmitter,
      workspace.onDidOpenTextDocument((document) => isYaml(document) && this.wake()),
      workspace.onDidCloseTextDocument(({ uri }) => this.kinds.forget(uri)),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('updraft.diagnostics')) this.configure();
      }),
      window.onDidChangeActiveTextEditor(() => this.updateContext()),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors)
          if (this.kinds.get(document.uri)?.isOurs && this.hasItsMode(document)) this.lenses.expect(document);
      }),
      this.kinds.onDidChange(() => this.updateContext()),
    );
    if (workspace.textDocuments.some(isYaml)) this.wake();
    this.updateContext();
  }

  /** Tells the server, where there is one, the options that hold now. `lensesOf`: uris of documents whose lenses are others then. */
  configure(lensesOf: readonly string[] = []): void {
    const others = workspace.textDocuments.filter(({ uri }) => lensesOf.includes(uri.toString()));
    aside(
      'language server: settings',
      this.server?.then(async ({ configure, refreshLenses }) => {
        await configure(this.options());
        for (const each of others) refreshLenses(each);
      }),
      this.log,
    );
  }

  /** Checks a file now, open or not. */
  async check(uri: Uri): Promise<CheckResult> {
    return (await this.start()).check(uri);
  }

  /** The component files of the workspace. */
  async components(): Promise<ComponentFile[]> {
    return (await this.start()).components();
  }

  /** The files of the workspace that are Azure ML's. */
  async files(): Promise<SpecFile[]> {
    return (await this.start()).files();
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
    this.server ??= this.startServer({
      extensionFolder: this.extensionFolder,
      log: this.log,
      options: this.options(),
      onKind: (uri, kind) => this.take(uri, kind),
      onLenses: (document) => {
        if (!this.hasItsMode(document)) return false;
        this.lenses.noteAsked(document);
        return true;
      },
      onGraph: (graph) => this.graphEmitter.fire(graph),
      onRestarted: () => {
        this.lenses.forgetAsked();
        for (const [uri, expanded] of this.graphs)
          aside(
            'language server: graph',
            this.server?.then(({ followGraph }) => followGraph({ uri, expanded })),
            this.log,
          );
      },
    });
    this.server.catch((error) => {
      this.log.error(`The language server did not start: ${messageOf(error)}`);
      this.server = undefined;
    });
    return this.server;
  }

  private take(uri: Uri, kind: Parameters<DocumentKinds['set']>[1]): void {
    this.kinds.set(uri, kind);
    const document = workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    if (!document || !kind.isOurs) return;
    if (this.hasItsMode(document)) {
      this.modes.set(document, true);
      this.lenses.expect(document);
    } else if (!this.modes.has(document)) aside('language mode', this.giveMode(document), this.log);
  }

  private async giveMode(document: TextDocument): Promise<void> {
    this.modes.set(document, false);
    try {
      await languages.setTextDocumentLanguage(document, languageId);
    } finally {
      this.modes.set(document, true);
      this.lenses.expect(document);
    }
  }

  /** Whether the mode of a document will stay, as far as it is for us to set it. */
  private hasItsMode(document: TextDocument): boolean {
    return document.languageId !== 'yaml' || this.modes.get(document) === true;
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
