import { registerHooks } from 'node:module';
import { Emitter } from '../../src/base/event.ts';
import type { Timers } from '../../src/base/timers.ts';

/** Milliseconds for which VS Code puts off its question for lenses; it drops the question when the text loses the focus meanwhile. */
const lensDelayMs = 250;

export interface EditorDocument {
  uri: { scheme: string; toString(): string };
  languageId: string;
}

/** As much of VS Code's window as the start of the extension needs: documents, one text editor, context keys, a status item. It behaves as VS Code does. */
export class StandInEditor {
  readonly contextKeys = new Map<string, unknown>();
  readonly statusItem = { text: '', isShown: false, show: () => (this.statusItem.isShown = true), dispose: () => {} };
  documents: EditorDocument[] = [];
  active: EditorDocument | undefined;
  /** The language client's answer to the question for a document's lenses: whether there are some. Absent while no server is there. */
  lensesOf: ((document: EditorDocument) => boolean) | undefined;
  readonly withLenses = new Set<EditorDocument>();
  private hasFocus = true;
  private readonly timers: Timers;
  private readonly opened = new Emitter<EditorDocument>();
  private readonly closed = new Emitter<EditorDocument>();
  private readonly activated = new Emitter<unknown>();
  private readonly seen = new Emitter<{ document: EditorDocument }[]>();

  constructor(timers: Timers) {
    this.timers = timers;
  }

  /** Opens a file and shows it. */
  open(path: string): EditorDocument {
    const document = { uri: { scheme: 'file', toString: () => `file://${path}` }, languageId: 'yaml' };
    this.documents.push(document);
    this.opened.fire(document);
    this.active = document;
    this.hasFocus = true;
    this.activated.fire({ document });
    this.seen.fire([{ document }]);
    this.askSoon(document);
    return document;
  }

  /** A dialog or a view takes the focus; the text stays visible. */
  loseFocus(): void {
    this.hasFocus = false;
  }

  /** Asks for lenses now, when there is a server and the document is visible. */
  ask(document: EditorDocument): void {
    if (this.active === document && this.lensesOf?.(document)) this.withLenses.add(document);
  }

  private askSoon(document: EditorDocument): void {
    this.timers.after(lensDelayMs, () => {
      if (this.hasFocus) this.ask(document);
    });
  }

  /** The module `vscode`. */
  get api() {
    const editor = this;
    return {
      EventEmitter: Emitter,
      MarkdownString: class {
        value = '';
        appendText(text: string): this {
          this.value += text;
          return this;
        }
        appendMarkdown(text: string): this {
          this.value += text;
          return this;
        }
      },
      StatusBarAlignment: { Left: 1 },
      ThemeColor: class {},
      commands: {
        async executeCommand(_command: string, key: string, value: unknown) {
          editor.contextKeys.set(key, value);
        },
      },
      languages: {
        async setTextDocumentLanguage(document: EditorDocument, languageId: string) {
          editor.closed.fire(document);
          document.languageId = languageId;
          editor.opened.fire(document);
          editor.askSoon(document);
        },
      },
      window: {
        get activeTextEditor() {
          return editor.active && { document: editor.active };
        },
        get visibleTextEditors() {
          return editor.active ? [{ document: editor.active }] : [];
        },
        onDidChangeActiveTextEditor: editor.activated.event,
        onDidChangeVisibleTextEditors: editor.seen.event,
        createStatusBarItem: () => editor.statusItem,
      },
      workspace: {
        get textDocuments() {
          return editor.documents;
        },
        onDidOpenTextDocument: editor.opened.event,
        onDidCloseTextDocument: editor.closed.event,
        onDidChangeConfiguration: new Emitter<unknown>().event,
      },
    };
  }
}

const names = ['EventEmitter', 'MarkdownString', 'StatusBarAlignment', 'ThemeColor', 'commands', 'languages', 'window', 'workspace'];
const source = `${names.map((name) => `export const ${name} = globalThis.standInEditor('${name}');`).join('\n')}`;

/** Modules that are imported from now on find this editor as `vscode`. */
export function asVscode(editor: () => StandInEditor): void {
  // What is imported once serves every test: each property is looked up in the editor of the moment.
  (globalThis as { standInEditor?: unknown }).standInEditor = (name: keyof StandInEditor['api']) =>
    typeof editor().api[name] === 'function'
      ? editor().api[name]
      : new Proxy({}, { get: (_, key) => Reflect.get(editor().api[name], key) });
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vscode' ? { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true } : next(specifier, context),
  });
}
