import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type CodeAction,
  type CodeLens,
  type Connection,
  DiagnosticSeverity,
  type DocumentUri,
  type Diagnostic as EditorDiagnostic,
  ErrorCodes,
  FileChangeType,
  type InitializeParams,
  type Location,
  ResponseError,
  SymbolKind,
  TextDocumentSyncKind,
  type TextEdit,
  WatchKind,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { aside } from '../base/aside.ts';
import type { Disposable } from '../base/disposable.ts';
import { reportListenerErrors } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { PlaneClient } from '../client/planeClient.ts';
import { readLock } from '../plane/lock.ts';
import { check } from '../protocol/check.ts';
import {
  FollowGraph,
  followGraph,
  GraphNodeRequest,
  type GraphPlace,
  GraphPlaceRequest,
  graphChanged,
  graphNodeAt,
  graphPlace,
  UnfollowGraph,
  unfollowGraph,
} from '../protocol/graph.ts';
import {
  AssembleRequest,
  assemblePipeline as assembleRequest,
  CheckRequest,
  type CheckResult,
  type ComponentFile,
  checkDocument,
  configureLanguage,
  type DocumentKind,
  documentKind,
  LanguageOptions,
  listComponents,
  listFiles,
  type SpecFile,
} from '../protocol/language.ts';
import { codePage, codes } from '../spec/codes.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { SpecDocument } from '../spec/document.ts';
import { isRunnableJob } from '../spec/kind.ts';
import type { Action } from './actions/action.ts';
import { quickFixes } from './actions/quickFixes.ts';
import { refactorings } from './actions/refactorings.ts';
import { assemblePipeline } from './assemble.ts';
import { consumers, type StepItem, sources, stepAt } from './callHierarchy.ts';
import { codeLenses, type Lens } from './codeLenses.ts';
import { CodeSizes } from './codeSizes.ts';
import { complete } from './completion/complete.ts';
import { documentLinks } from './documentLinks.ts';
import { folding } from './folding.ts';
import { FollowedGraphs } from './graph/followedGraphs.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlayHints.ts';
import { interfaceAt } from './interfaces.ts';
import { isJustBegun } from './isJustBegun.ts';
import { localDisk, yamlFiles } from './localDisk.ts';
import { definition, type FilePlace, highlights, references } from './navigation.ts';
import { readSymbol } from './occurrences.ts';
import { outline } from './outline.ts';
import { ClientNames } from './planeNames.ts';
import { watchPlane } from './planeWatch.ts';
import { editorRange, offsetOf, rangeOf } from './positions.ts';
import { type Renamed, rename, renameRange } from './rename.ts';
import { selection } from './selection.ts';
import { semanticTokens, tokenModifiers, tokenTypes } from './semanticTokens.ts';
import type { Context } from './workspace.ts';
import { WorkspaceIndex } from './workspaceIndex.ts';

/** Milliseconds that reading the workspace may take before others get a turn. */
const sliceMs = 8;
/** Milliseconds that a check may take and still go before a question that comes right after the edit. */
const quickMs = 3;
const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;
const lensCommands: Record<Lens['command'], string> = {
  submit: 'updraft.job.submit',
  submitTo: 'updraft.job.submitTo',
  submitWithChanges: 'updraft.job.submitWithChanges',
  preview: 'updraft.job.preview',
  validate: 'updraft.job.validate',
  create: 'updraft.asset.create',
  schedule: 'updraft.schedule.create',
  graph: 'updraft.graph.open',
  references: 'editor.action.showReferences',
};

/** Files whose changes may change what is found, in the words of editors and as a pattern. */
const watched = '**/{*.{yml,yaml,py},.amlignore,.gitignore}';
const isWatched = /(?:\.ya?ml|\.py|[\\/]\.amlignore|[\\/]\.gitignore)$/;

/** Serves one editor over a connection until it says goodbye: a thin shell around the features. What goes wrong inside one answer is logged, never thrown. */
export function serve(connection: Connection, defaults: LanguageOptions = {}): Disposable {
  const log: Logger = {
    debug: (message) => connection.console.debug(message),
    info: (message) => connection.console.info(message),
    warn: (message) => connection.console.warn(message),
    error: (message, error) => connection.console.error(error === undefined ? message : `${message}: ${(error as Error)?.stack ?? error}`),
  };
  reportListenerErrors((error) => log.error('A listener failed', error));
  const sizes = new CodeSizes(log);
  const index = new WorkspaceIndex(localDisk, sizes.of);
  const documents = new Map<DocumentUri, SpecDocument>();
  /** Settles when all folders were read. */
  let reading: Promise<unknown> = Promise.resolve();
  const languages = new Map<DocumentUri, string>();
  const told = new Map<DocumentUri, string>();
  /** Files in which a document's check found something, so that it can be taken back. */
  const shown = new Map<DocumentUri, Set<string>>();
  const found = new Map<DocumentUri, Diagnostic[]>();
  const due = new Set<DocumentUri>();
  /** Open documents whose files are gone. */
  const deleted = new Set<DocumentUri>();
  let scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let checkMs = 0;
  let options: LanguageOptions = defaults;
  let folders: string[] = [];
  let tellsFolders = false;
  const graphs = new FollowedGraphs(
    index,
    (uri, file) => found.get(uri) ?? index.check(file),
    (graph) => aside('graph', connection.sendNotification(graphChanged, graph), log),
  );
  const names = new ClientNames(() => {
    if (options.plane) {
      const { url, token, workspace } = options.plane;
      return new PlaneClient({ url, token, workspace: workspace.workspace }, workspace);
    }
    const lock = options.dataFolder ? readLock(options.dataFolder) : undefined;
    return lock && new PlaneClient(lock);
  }, log);
  let planeWatch: Disposable | undefined;
  index.setNames(names.assets);
  const checkAllAnew = () => {
    index.checkAnew();
    for (const uri of documents.keys()) schedule(uri);
  };
  names.onDidChange(checkAllAnew);
  sizes.onDidChange(checkAllAnew);
  const placeOfNames = () => JSON.stringify([options.plane ?? null, options.dataFolder]);
  /** Names come from the plane that is given, else from that of the data folder, when it comes up and whenever it changes. */
  const followPlane = () => {
    planeWatch?.dispose();
    // A plane that does not answer is asked again when it is needed.
    const connect = () => names.connect().catch(() => {});
    if (options.plane) aside('names of the plane', connect(), log);
    planeWatch = options.dataFolder && !options.plane ? watchPlane(options.dataFolder, connect) : undefined;
  };

  connection.onInitialize((parameters: InitializeParams) => {
    try {
      options = { ...defaults, ...check(LanguageOptions, parameters.initializationOptions ?? {}, 'initializationOptions') };
    } catch (error) {
      connection.console.warn(String(error));
    }
    index.setSeverities(options.severities ?? {});
    followPlane();
    tellsFolders = parameters.capabilities.workspace?.workspaceFolders === true;
    folders = (parameters.workspaceFolders ?? []).flatMap(({ uri }) => pathOf(uri) ?? []);
    if (folders.length === 0 && parameters.rootUri) folders = [pathOf(parameters.rootUri) ?? []].flat();
    return {
      serverInfo: { name: 'Updraft' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        completionProvider: { triggerCharacters: ['.', '{', '[', ':', '/', '@', ' ', '-', '"', "'"] },
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentLinkProvider: {},
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        selectionRangeProvider: true,
        workspaceSymbolProvider: true,
        callHierarchyProvider: true,
        renameProvider: { prepareProvider: true },
        codeActionProvider: { codeActionKinds: ['quickfix', 'refactor.extract', 'refactor.inline', 'refactor.rewrite'] },
        semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true, range: true },
        inlayHintProvider: true,
        codeLensProvider: {},
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });
  connection.onInitialized(() => {
    // Of a folder that is deleted, editors tell no files: what is deleted is heard of whatever it is.
    const watchers = [{ globPattern: watched }, { globPattern: '**/*', kind: WatchKind.Delete }];
    connection
      .sendRequest('client/registerCapability', {
        registrations: [{ id: 'files', method: 'workspace/didChangeWatchedFiles', registerOptions: { watchers } }],
      })
      .catch(() => {
        // An editor that can't watch files has them read when they are asked for.
      });
    for (const folder of folders) alsoRead(folder);
    // Registering for changes of the folders fails with an editor that does not tell them.
    if (!tellsFolders) return;
    connection.workspace.onDidChangeWorkspaceFolders(({ added }) => {
      for (const { uri } of added) {
        const folder = pathOf(uri);
        if (folder) alsoRead(folder);
      }
    });
  });

  connection.onDidOpenTextDocument(({ textDocument: { uri, text, languageId } }) => {
    const file = pathOf(uri);
    if (!file) return;
    const document = new SpecDocument(file, text);
    documents.set(uri, document);
    languages.set(uri, languageId);
    index.openDocument(document);
    schedule(uri);
    scheduleUsers(file);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri }, contentChanges }) => {
    const document = documents.get(uri);
    if (!document) return;
    for (const change of contentChanges) {
      if ('range' in change) document.edit(offsetOf(document, change.range.start), offsetOf(document, change.range.end), change.text);
      else document.replace(change.text);
    }
    index.edited(document.file);
    deleted.delete(uri);
    schedule(uri);
    scheduleUsers(document.file);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    if (!document) return;
    documents.delete(uri);
    told.delete(uri);
    due.delete(uri);
    deleted.delete(uri);
    index.closeDocument(document.file);
    show(uri, []);
    found.delete(uri);
    scheduleUsers(document.file);
    tellGraphs();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const concerning = changes.filter(({ uri, type }) => {
      const file = pathOf(uri) ?? '';
      return type !== FileChangeType.Deleted || isWatched.test(file) || index.concerns(file);
    });
    if (concerning.length === 0) return;
    for (const { uri, type } of concerning) {
      const file = pathOf(uri);
      if (!file) continue;
      sizes.outdate(file);
      if (type === FileChangeType.Deleted) takeBack(file);
      else deleted.delete(uri);
      // Editors may tell that a folder went after they told of the files that took its place: the disk says what is there.
      const isThere = localDisk.kind(file);
      const dependents = type === FileChangeType.Deleted && isThere !== 'file' ? index.removed(file) : index.changed(file);
      if (type === FileChangeType.Deleted && isThere === 'folder') alsoRead(file);
      for (const each of dependents) schedule(uriOf(each));
    }
    // A file that appeared or went may be what an open document was missing.
    for (const uri of documents.keys()) schedule(uri);
    tellGraphs();
  });

  connection.onNotification(configureLanguage, (changed: unknown) => {
    const before = placeOfNames();
    options = { ...options, ...check(LanguageOptions, changed, 'The options') };
    if (placeOfNames() !== before) {
      names.reset();
      followPlane();
    }
    index.setSeverities(options.severities ?? {});
    for (const uri of documents.keys()) schedule(uri);
  });
  connection.onRequest(checkDocument, (request: unknown): CheckResult => {
    const { uri } = check(CheckRequest, request, 'The request');
    const file = pathOf(uri) ?? '';
    const diagnostics = index.check(file);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    return { isOurs: index.open(file) !== undefined || diagnostics.length > 0, errors, remarks: diagnostics.length - errors };
  });

  connection.onRequest(listComponents, (): ComponentFile[] =>
    index.componentFiles().flatMap(({ path, name, description }) => {
      const document = index.open(path)?.document;
      if (!document) return [];
      const ports = (given: { name: string; type: string; optional: boolean }[]) =>
        given.map(({ name: port, type, optional }) => ({ name: port, type, optional }));
      const { inputs, outputs } = interfaceAt(document, []);
      return [{ uri: uriOf(path), name, ...(description ? { description } : {}), inputs: ports(inputs), outputs: ports(outputs) }];
    }),
  );
  connection.onRequest(listFiles, async (): Promise<SpecFile[]> => {
    await reading;
    return index.ourFiles().map(({ path, kind }) => ({ uri: uriOf(path), isJob: isRunnableJob(kind), ...(kind ? { kind } : {}) }));
  });
  connection.onRequest(assembleRequest, (given: unknown): string => {
    const { target, components } = check(AssembleRequest, given, 'The request');
    return assemblePipeline(
      index,
      pathOf(target) ?? '',
      components.flatMap((each) => pathOf(each) ?? []),
    );
  });
  connection.onNotification(followGraph, (given: unknown) => {
    const { uri, expanded } = check(FollowGraph, given, 'The graph to follow');
    const file = pathOf(uri);
    if (file) graphs.follow(uri, file, expanded);
  });
  connection.onNotification(unfollowGraph, (given: unknown) => graphs.unfollow(check(UnfollowGraph, given, 'The graph').uri));
  connection.onRequest(graphPlace, (given: unknown): GraphPlace => {
    const { uri, node } = check(GraphPlaceRequest, given, 'The request');
    const place = graphs.place(uri, node);
    return place ? locationOf(place) : null;
  });
  connection.onRequest(graphNodeAt, (given: unknown): string | null => {
    const { uri, file, position } = check(GraphNodeRequest, given, 'The request');
    return graphs.nodeAt(uri, pathOf(file) ?? '', (document) => offsetOf(document, position)) ?? null;
  });

  const context = (uri: DocumentUri): Context | undefined => {
    const document = documents.get(uri);
    const ours = document && index.open(document.file);
    return ours && { ours, workspace: index, names };
  };
  /** Runs a feature on a document of ours; for any other there is no answer. */
  const on = async <T>(
    uri: DocumentUri,
    what: string,
    run: (context: Context) => T | Promise<T>,
    otherwise: (uri: DocumentUri) => Context | undefined = () => undefined,
  ): Promise<T | null> => {
    try {
      const given = context(uri) ?? otherwise(uri);
      return given ? ((await run(given)) ?? null) : null;
    } catch (error) {
      if (error instanceof UserError) throw new ResponseError(ErrorCodes.InvalidRequest, error.describe());
      log.error(what, error);
      return null;
    }
  };
  const at = ({ ours }: Context, position: { line: number; character: number }) => offsetOf(ours.document, position);

  /** A file that is nothing yet may become one of ours: there is too little in it to tell, or its language mode says so. */
  const toBe = (uri: DocumentUri): Context | undefined => {
    const document = documents.get(uri);
    const isMeant = document && (languages.get(uri) === 'azure-ml-yaml' || isJustBegun(document.text));
    return isMeant ? { ours: { document, kind: undefined, field: undefined }, workspace: index, names } : undefined;
  };
  connection.onCompletion(async ({ textDocument, position }) => {
    const items = await on(textDocument.uri, 'completion', (given) => complete(given, at(given, position)), toBe);
    return items && { isIncomplete: items.length >= 400, items };
  });
  connection.onHover(({ textDocument, position }) =>
    on(textDocument.uri, 'hover', (given) => hover(given, at(given, position)) as Promise<never>),
  );
  connection.onDefinition(({ textDocument, position }) =>
    on(textDocument.uri, 'definition', (given) => definition(given, at(given, position)).map(locationOf)),
  );
  connection.onReferences(({ textDocument, position, context: { includeDeclaration } }) =>
    on(textDocument.uri, 'references', (given) => references(given, at(given, position), includeDeclaration).map(locationOf)),
  );
  connection.onDocumentHighlight(({ textDocument, position }) =>
    on(textDocument.uri, 'highlight', (given) => highlights(given, at(given, position))),
  );
  connection.onDocumentLinks(({ textDocument }) =>
    on(textDocument.uri, 'links', (given) =>
      documentLinks(given).flatMap(({ range, file, isFolder }) => (isFolder ? [] : [{ range, target: uriOf(file) }])),
    ),
  );
  connection.onDocumentSymbol(({ textDocument }) => on(textDocument.uri, 'outline', ({ ours }) => outline(ours.document)));
  connection.onFoldingRanges(({ textDocument }) => on(textDocument.uri, 'folding', ({ ours }) => folding(ours.document)));
  connection.onSelectionRanges(({ textDocument, positions }) =>
    on(textDocument.uri, 'selection', (given) => positions.map((position) => selection(given.ours.document, at(given, position)))),
  );
  connection.onWorkspaceSymbol(({ query }) => {
    const kinds = {
      step: SymbolKind.Function,
      input: SymbolKind.Variable,
      output: SymbolKind.Field,
      file: SymbolKind.File,
      component: SymbolKind.Module,
    };
    return index.declarations(query).flatMap(({ symbol, name, file, start, end }) => {
      const document = index.open(file)?.document;
      const { kind, scope } = readSymbol(symbol);
      const location = document && { uri: uriOf(file), range: rangeOf(document, start, end) };
      return location ? [{ name, kind: kinds[kind], location, containerName: scope.split('/').at(-1) || file.split('/').at(-1)! }] : [];
    });
  });
  connection.languages.callHierarchy.onPrepare(({ textDocument, position }) =>
    on(textDocument.uri, 'call hierarchy', (given) => {
      const step = stepAt(given, at(given, position));
      return (step ? [hierarchyItem(step)] : null) as never;
    }),
  );
  connection.languages.callHierarchy.onIncomingCalls(({ item }) => {
    const calls = consumers(index, item.data as StepItem);
    return calls.map(({ item: from, places }) => ({ from: hierarchyItem(from), fromRanges: places }));
  });
  connection.languages.callHierarchy.onOutgoingCalls(({ item }) => {
    const calls = sources(index, item.data as StepItem);
    return calls.map(({ item: to, places }) => ({ to: hierarchyItem(to), fromRanges: places }));
  });
  connection.onPrepareRename(({ textDocument, position }) =>
    on(textDocument.uri, 'rename', (given) => renameRange(given, at(given, position)) as never),
  );
  connection.onRenameRequest(({ textDocument, position, newName }) =>
    on(textDocument.uri, 'rename', (given) => {
      const { edits, move } = rename(given, at(given, position), newName);
      return changesOf(edits, [], move);
    }),
  );
  connection.onCodeAction(({ textDocument, range, context: { diagnostics, only } }) =>
    on(textDocument.uri, 'actions', async (given) => {
      const start = at(given, range.start);
      const own = found.get(textDocument.uri) ?? [];
      const meant = own.filter((each) => {
        const { start: from, end: to } = editorRange(each.range);
        return diagnostics.length
          ? diagnostics.some(
              (other) => other.code === each.code && other.range.start.line === from.line && other.range.start.character === from.character,
            )
          : from.line <= range.end.line && to.line >= range.start.line;
      });
      const actions = [...meant.flatMap((each) => quickFixes(given, each)), ...(await refactorings(given, start))];
      return actions.filter(({ kind }) => !only || only.some((each) => kind === each || kind.startsWith(`${each}.`))).map(codeAction);
    }),
  );
  connection.languages.semanticTokens.on(async ({ textDocument }) => ({
    data: (await on(textDocument.uri, 'tokens', ({ ours }) => semanticTokens(ours.document))) ?? [],
  }));
  connection.languages.semanticTokens.onRange(async ({ textDocument, range }) => ({
    data:
      (await on(textDocument.uri, 'tokens', (given) =>
        semanticTokens(given.ours.document, at(given, range.start), at(given, range.end)),
      )) ?? [],
  }));
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    on(textDocument.uri, 'hints', (given) => inlayHints(given, at(given, range.start), at(given, range.end))),
  );
  connection.onCodeLens(({ textDocument: { uri } }) =>
    on(uri, 'lenses', (given) =>
      codeLenses(given, options.submitTo ? (options.submitTo[uri] ?? '') : undefined).flatMap((lens): CodeLens[] =>
        options.hasCommands ? [codeLens(uri, lens)] : [],
      ),
    ),
  );

  return {
    dispose() {
      planeWatch?.dispose();
      names.dispose();
    },
  };

  /** Nothing is wrong any more with files that are gone. One that is still open is checked again when it is edited, or there again. */
  function takeBack(gone: string): void {
    for (const [uri, { file }] of documents)
      if ((file === gone || file.startsWith(`${gone}/`)) && localDisk.kind(file) === undefined) {
        deleted.add(uri);
        due.delete(uri);
        found.delete(uri);
        show(uri, []);
      }
  }

  function schedule(uri: DocumentUri): void {
    if (!documents.has(uri) || deleted.has(uri)) return;
    due.add(uri);
    // What is quick to check is checked at once; a large file waits until nothing was typed for half as long as a check takes.
    if (scheduled && checkMs < quickMs) return;
    if (scheduled) clearTimeout(scheduled as NodeJS.Timeout);
    // Two turns, so that a question which came with the edit is answered first.
    scheduled = checkMs < quickMs ? setImmediate(() => setImmediate(checkDue)) : setTimeout(checkDue, Math.min(300, checkMs / 2));
  }

  function scheduleUsers(file: string): void {
    for (const each of index.dependents(file)) schedule(uriOf(each));
  }

  function checkDue(): void {
    scheduled = undefined;
    for (const uri of [...due]) {
      due.delete(uri);
      const document = documents.get(uri);
      if (!document) continue;
      // Time of the processor: a machine that is busy with others does not make a file large.
      const started = process.cpuUsage();
      try {
        const diagnostics = index.check(document.file);
        found.set(uri, diagnostics);
        tellKind(uri, document);
        show(uri, diagnostics);
      } catch (error) {
        log.error(`check of ${document.file}`, error);
      }
      const { user, system } = process.cpuUsage(started);
      checkMs = (user + system) / 1000;
    }
    tellGraphs();
  }

  function tellGraphs(): void {
    try {
      graphs.update();
    } catch (error) {
      log.error('graph', error);
    }
  }

  /** Publishes what a document's check found, in the files where it stands. A file that is open itself has its own check. */
  function show(uri: DocumentUri, diagnostics: readonly Diagnostic[]): void {
    const own = documents.get(uri)?.file ?? pathOf(uri) ?? '';
    const byFile = new Map<string, EditorDiagnostic[]>([[own, []]]);
    for (const each of diagnostics) {
      if (each.file !== own && documents.has(uriOf(each.file))) continue;
      byFile.set(each.file, [...(byFile.get(each.file) ?? []), editorDiagnostic(each, options.docs)]);
    }
    for (const file of shown.get(uri) ?? []) if (!byFile.has(file) && !documents.has(uriOf(file))) byFile.set(file, []);
    shown.set(uri, new Set([...byFile.keys()].filter((file) => file !== own)));
    for (const [file, each] of byFile)
      aside('diagnostics', connection.sendDiagnostics({ uri: file === own ? uri : uriOf(file), diagnostics: each }), log);
  }

  function tellKind(uri: DocumentUri, document: SpecDocument): void {
    const ours = index.open(document.file);
    const kind: DocumentKind = {
      uri,
      isOurs: ours !== undefined,
      isJob: isRunnableJob(ours?.kind),
      ...(ours?.kind ? { kind: ours.kind } : {}),
    };
    const text = JSON.stringify(kind);
    if (told.get(uri) === text) return;
    told.set(uri, text);
    aside('kind', connection.sendNotification(documentKind, kind), log);
  }

  function alsoRead(folder: string): void {
    const read = readWorkspace(folder);
    reading = Promise.allSettled([reading, read]);
    aside(`reading ${folder}`, read, log);
  }

  async function readWorkspace(folder: string): Promise<void> {
    let started = performance.now();
    for (const file of yamlFiles(folder)) {
      try {
        index.read(file);
      } catch (error) {
        log.error(`${file}`, error);
      }
      if (performance.now() - started < sliceMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      started = performance.now();
    }
    aside('indexed', connection.sendNotification('updraft/indexed', { folder, files: index.size }), log);
    for (const uri of documents.keys()) schedule(uri);
  }

  function codeLens(uri: DocumentUri, { range, title, tooltip, command, files }: Lens): CodeLens {
    const places = (files ?? []).map((file) =>
      locationOf({ file, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } }),
    );
    const all = command === 'references' ? [uri, range.start, places] : [uri];
    return { range, command: { title, tooltip, command: lensCommands[command], arguments: all } };
  }

  function codeAction({ title, kind, edits, create, repairs, isPreferred }: Action): CodeAction {
    return {
      title,
      kind,
      edit: changesOf(edits, create),
      ...(repairs ? { diagnostics: [editorDiagnostic(repairs, options.docs)] } : {}),
      ...(isPreferred ? { isPreferred } : {}),
    };
  }
}

function editorDiagnostic({ range, message, hint, severity, code }: Diagnostic, docs?: string): EditorDiagnostic {
  return {
    ...(docs && code in codes ? { codeDescription: { href: `${docs}/${codePage(code)}` } } : {}),
    range: editorRange(range),
    message: hint ? `${message}\n${hint}` : message,
    severity: severities[severity],
    source: 'Updraft',
    code,
  };
}

function changesOf(edits: Map<string, TextEdit[]>, create: Action['create'] = [], move?: Renamed['move']): WorkspaceEdit {
  const start = { line: 0, character: 0 };
  if (create.length === 0 && !move) return { changes: Object.fromEntries([...edits].map(([file, each]) => [uriOf(file), each])) };
  return {
    documentChanges: [
      ...create.flatMap(({ file, text }) => [
        { kind: 'create' as const, uri: uriOf(file), options: { ignoreIfExists: false } },
        { textDocument: { uri: uriOf(file), version: null }, edits: [{ range: { start, end: start }, newText: text }] },
      ]),
      ...[...edits].map(([file, each]) => ({ textDocument: { uri: uriOf(file), version: null }, edits: each })),
      ...(move ? [{ kind: 'rename' as const, oldUri: uriOf(move.from), newUri: uriOf(move.to), options: { overwrite: false } }] : []),
    ],
  };
}

const hierarchyItem = (step: StepItem) => ({
  name: step.step,
  kind: step.kind,
  detail: step.detail,
  uri: uriOf(step.file),
  range: step.range,
  selectionRange: step.selectionRange,
  data: step,
});

const locationOf = ({ file, range }: FilePlace): Location => ({ uri: uriOf(file), range });
const uriOf = (file: string): DocumentUri => pathToFileURL(file).href;

/** The path of a `file:` uri; undefined for others. */
function pathOf(uri: DocumentUri): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}
