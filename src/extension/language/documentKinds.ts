import { EventEmitter, type Uri } from 'vscode';
import type { DocumentKind } from '../../protocol/language.ts';

/** What the open YAML documents are, as the language server says. */
export class DocumentKinds {
  private readonly kinds = new Map<string, DocumentKind>();
  private readonly emitter = new EventEmitter<DocumentKind>();
  readonly onDidChange = this.emitter.event;

  /** Undefined until the server has looked at the document. */
  get(uri: Uri): DocumentKind | undefined {
    return this.kinds.get(uri.toString());
  }

  set(uri: Uri, kind: DocumentKind): void {
    this.kinds.set(uri.toString(), kind);
    this.emitter.fire(kind);
  }

  forget(uri: Uri): void {
    this.kinds.delete(uri.toString());
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
