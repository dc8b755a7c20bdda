import type { TextDocument } from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';

/** Milliseconds until the editor is told again to ask. Each is longer: to be told while it still waits to ask makes it wait anew. */
const waitsMs = [500, 1000, 2000, 4000];

/**
 * Documents whose lenses the editor has still to ask for. VS Code puts this question off for at least a quarter of a second and drops it when the text loses the focus
 * meanwhile, as it does when a dialog, a view or the command palette is used; then a document has no lenses until it is edited or gets the focus again.
 * So the editor is told to ask until it does.
 */
export class AwaitedLenses implements Disposable {
  private asked = new WeakSet<TextDocument>();
  private readonly waiting = new Map<TextDocument, Disposable>();
  private readonly refresh: (document: TextDocument) => void;
  private readonly isVisible: (document: TextDocument) => boolean;
  private readonly timers: Timers;

  /** `refresh` tells the editor to ask. It asks for no document that is not visible. */
  constructor(refresh: (document: TextDocument) => void, isVisible: (document: TextDocument) => boolean, timers: Timers = systemTimers) {
    this.refresh = refresh;
    this.isVisible = isVisible;
    this.timers = timers;
  }

  /** The editor should ask for the lenses of this document soon, if it has not yet. */
  expect(document: TextDocument): void {
    if (!this.asked.has(document) && !this.waiting.has(document)) this.wait(document, 0);
  }

  /** The editor asks. */
  noteAsked(document: TextDocument): void {
    this.asked.add(document);
    this.stopWaiting(document);
  }

  /** What the editor asked for before is no longer good. */
  forgetAsked(): void {
    this.asked = new WeakSet();
  }

  dispose(): void {
    for (const timer of this.waiting.values()) timer.dispose();
    this.waiting.clear();
  }

  private wait(document: TextDocument, attempt: number): void {
    const ms = waitsMs[attempt];
    // Whoever has switched lenses off is never asked.
    if (ms === undefined) return;
    const timer = this.timers.after(ms, () => {
      this.stopWaiting(document);
      if (!this.isVisible(document)) return;
      this.wait(document, attempt + 1);
      this.refresh(document);
    });
    this.waiting.set(document, timer);
  }

  private stopWaiting(document: TextDocument): void {
    this.waiting.get(document)?.dispose();
    this.waiting.delete(document);
  }
}
