import path from 'node:path';
import { type CodeLens, Location, type LogOutputChannel, Position, Range, type TextDocument, Uri, window } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, TransportKind } from 'vscode-languageclient/node';
import { aside } from '../../base/aside.ts';
import { check } from '../../protocol/check.ts';
import {
  DocumentGraph,
  type FollowGraph,
  followGraph,
  GraphNodeAnswer,
  GraphPlace,
  graphChanged,
  graphNodeAt,
  graphPlace,
  unfollowGraph,
} from '../../protocol/graph.ts';
import {
  AssembleAnswer,
  assemblePipeline,
  CheckResult,
  type ComponentFile,
  ComponentFiles,
  checkDocument,
  configureLanguage,
  DocumentKind,
  documentKind,
  type LanguageOptions,
  listComponents,
  listFiles,
  type SpecFile,
  SpecFiles,
} from '../../protocol/language.ts';
import { languageProcess } from '../../tuning/languageProcess.ts';

export interface RunningServer {
  check(uri: Uri): Promise<CheckResult>;
  configure(options: LanguageOptions): Promise<void>;
  components(): Promise<ComponentFile[]>;
  files(): Promise<SpecFile[]>;
  assemble(target: Uri, components: string[]): Promise<string>;
  /** `uri` of a graph is the one under which it is followed. */
  followGraph(graph: FollowGraph): Promise<void>;
  unfollowGraph(uri: string): Promise<void>;
  graphPlace(uri: string, node: string): Promise<Location | undefined>;
  graphNodeAt(uri: string, file: Uri, position: Position): Promise<string | undefined>;
  /** Tells the editor to ask for a document's lenses. */
  refreshLenses(document: TextDocument): void;
  stop(): Promise<void>;
}

/** Ends within as many milliseconds after which the server is left alone. */
const crashWindowMs = 180_000;
const crashLimit = 4;

/** Starts the language server as a process of its own. It is started again when it ends by itself; the user is told. */
export async function startServer({
  extensionFolder,
  log,
  options,
  onKind,
  onGraph,
  onRestarted,
  onLenses,
}: {
  extensionFolder: string;
  log: LogOutputChannel;
  options: LanguageOptions;
  onKind(uri: Uri, kind: DocumentKind): void;
  onGraph(graph: DocumentGraph): void;
  /** The server ended and was started again: it knows of no graph that is followed. */
  onRestarted(): void;
  /** The editor asks for the lenses of a document. Answers whether it gets them yet. */
  onLenses(document: TextDocument): boolean;
}): Promise<RunningServer> {
  const ends: number[] = [];
  const module = path.join(extensionFolder, 'dist', 'language.cjs');
  const client = new LanguageClient(
    'updraft.language',
    'Updraft',
    { module, transport: TransportKind.ipc, options: languageProcess(process.versions.v8) },
    {
      documentSelector: [
        { scheme: 'file', language: 'yaml' },
        { scheme: 'file', language: 'azure-ml-yaml' },
      ],
      initializationOptions: options,
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler: {
        error: (error) => {
          log.warn(`Language server: ${error.message}`);
          return { action: ErrorAction.Continue };
        },
        closed: () => {
          const now = Date.now();
          ends.push(now);
          const recent = ends.filter((at) => now - at < crashWindowMs).length;
          if (recent <= crashLimit) {
            aside(
              'message',
              window
                .showWarningMessage('The language server for Azure ML YAML ended and was started again.', 'Show Log')
                .then((choice) => choice && log.show()),
              log,
            );
            return { action: CloseAction.Restart, handled: true };
          }
          const text = `The language server for Azure ML YAML ended ${recent} times in a few minutes and is left off.`;
          aside(
            'message',
            window.showErrorMessage(`${text} Reload the window to start it again.`, 'Show Log').then((choice) => choice && log.show()),
            log,
          );
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        // A change of the mode makes the editor draw all lenses anew, and a click on one that is being replaced is lost. So they wait for it.
        provideCodeLenses: async (document, token, next) =>
          onLenses(document) ? (await next(document, token))?.map(withEditorTypes) : undefined,
      },
    },
  );
  client.onNotification(documentKind, (message: unknown) => {
    const kind = check(DocumentKind, message, 'The kind of a document');
    onKind(Uri.parse(kind.uri), kind);
  });
  client.onNotification(graphChanged, (message: unknown) => onGraph(check(DocumentGraph, message, 'The graph of a file')));
  await client.start();
  client.onDidChangeState(({ newState }) => newState === State.Running && onRestarted());
  return {
    check: async (uri) =>
      check(
        CheckResult,
        await client.sendRequest(checkDocument, { uri: client.code2ProtocolConverter.asUri(uri) }),
        'The result of a check',
      ),
    configure: (changed) => client.sendNotification(configureLanguage, changed),
    components: async () => check(ComponentFiles, await client.sendRequest(listComponents), 'The components'),
    files: async () => check(SpecFiles, await client.sendRequest(listFiles), 'The files'),
    assemble: async (target, components) => {
      const request = { target: client.code2ProtocolConverter.asUri(target), components };
      return check(AssembleAnswer, await client.sendRequest(assemblePipeline, request), 'The pipeline');
    },
    followGraph: (graph) => client.sendNotification(followGraph, graph),
    unfollowGraph: (uri) => client.sendNotification(unfollowGraph, { uri }),
    graphPlace: async (uri, node) => {
      const place = check(GraphPlace, await client.sendRequest(graphPlace, { uri, node }), 'The place of a node');
      if (!place) return undefined;
      const { start, end } = place.range;
      return new Location(Uri.parse(place.uri), new Range(start.line, start.character, end.line, end.character));
    },
    graphNodeAt: async (uri, file, { line, character }) => {
      const request = { uri, file: client.code2ProtocolConverter.asUri(file), position: { line, character } };
      return check(GraphNodeAnswer, await client.sendRequest(graphNodeAt, request), 'The node at a position') ?? undefined;
    },
    refreshLenses: (document) => client.getFeature('textDocument/codeLens').getProvider(document)?.onDidChangeCodeLensEmitter.fire(),
    stop: () => client.dispose(),
  };
}

/** Arguments of a lens cross the processes as plain data; commands of the editor want its own types. */
function withEditorTypes(lens: CodeLens): CodeLens {
  const { command } = lens;
  const [uri, position, places] = (command?.arguments ?? []) as [string?, { line: number; character: number }?, { uri: string }[]?];
  if (!command || uri === undefined) return lens;
  const target = Uri.parse(uri);
  command.arguments = position
    ? [
        target,
        new Position(position.line, position.character),
        (places ?? []).map((place) => new Location(Uri.parse(place.uri), new Range(0, 0, 0, 0))),
      ]
    : [target];
  return lens;
}
