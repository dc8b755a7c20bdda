import path from 'node:path';
import { type CodeLens, Location, type LogOutputChannel, Position, Range, Uri, window } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';
import { check } from '../../protocol/check.ts';
import {
  CheckResult,
  checkDocument,
  configureLanguage,
  DocumentKind,
  documentKind,
  type LanguageOptions,
} from '../../protocol/language.ts';

export interface RunningServer {
  check(uri: Uri): Promise<CheckResult>;
  configure(options: LanguageOptions): Promise<void>;
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
}: {
  extensionFolder: string;
  log: LogOutputChannel;
  options: LanguageOptions;
  onKind(uri: Uri, kind: DocumentKind): void;
}): Promise<RunningServer> {
  const ends: number[] = [];
  const module = path.join(extensionFolder, 'dist', 'language.cjs');
  const client = new LanguageClient(
    'updraft.language',
    'Updraft',
    // A small young generation: the server's garbage is short-lived, and its memory stays low.
    { module, transport: TransportKind.ipc, options: { execArgv: ['--max-semi-space-size=1'] } },
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
            void window.showWarningMessage('The language server for Azure ML YAML ended and was started again.');
            return { action: CloseAction.Restart, handled: true };
          }
          const text = `The language server for Azure ML YAML ended ${recent} times in a few minutes and is left off.`;
          void window.showErrorMessage(`${text} Reload the window to start it again.`, 'Show Log').then((choice) => choice && log.show());
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        provideCodeLenses: async (document, token, next) => (await next(document, token))?.map(withEditorTypes),
      },
    },
  );
  client.onNotification(documentKind, (message: unknown) => {
    const kind = check(DocumentKind, message, 'The kind of a document');
    onKind(Uri.parse(kind.uri), kind);
  });
  await client.start();
  return {
    check: async (uri) =>
      check(
        CheckResult,
        await client.sendRequest(checkDocument, { uri: client.code2ProtocolConverter.asUri(uri) }),
        'The result of a check',
      ),
    configure: (changed) => client.sendNotification(configureLanguage, changed),
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
