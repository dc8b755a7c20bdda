import { join, resolve } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { waitInPage } from '../waitInPage.ts';
import { isKept } from './isKept.ts';
import { QuickInput } from './quickInput.ts';
import { TreeView } from './treeView.ts';
import { webviewFrame } from './webviewFrame.ts';

const screenshots = resolve(import.meta.dirname, '../../test-artifacts/screenshots');

/** What the workbench itself logs where it can't reach its gallery and has no service worker; it hides what matters. */
const isOfTheWorkbench = (text: string) =>
  /status of 404|\(404\)|ERR_NAME_NOT_RESOLVED|open-vsx\.org|extensionGallery|authentication provider/i.test(text);

/** One VS Code window, driven as a person would: by what is written on it. Locators wait for their elements by themselves. */
export class Workbench {
  readonly page: Page;
  /** The folder that the window works on; empty for an empty window. */
  readonly folder: string;
  readonly quickInput: QuickInput;
  /** Errors that the window and its extension host logged to the console. */
  readonly errors: string[] = [];

  constructor(page: Page, folder: string) {
    this.page = page;
    this.folder = folder;
    this.quickInput = new QuickInput(page);
    page.on('console', (message) => {
      if (message.type() === 'error' && !isOfTheWorkbench(message.text())) this.errors.push(message.text());
    });
    // Unsaved editors ask before a reload; a story that reloads means it.
    page.on('dialog', (dialog) => dialog.accept());
  }

  async load(url: string): Promise<void> {
    await this.page.goto(url);
    await this.#restored();
  }

  /**
   * Waits until the folders of a workspace file are there. The workbench reads the file when it has reached its server; on a busy machine it can find no folder in it
   * and stays so: then one loads the window anew. A window that is only slow is left to it: to load it anew takes as long again.
   */
  async hasFolders(): Promise<void> {
    const first = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    const none = this.page.locator('.part.sidebar').getByText('You have not yet added a folder to the workspace.');
    for (let attempt = 1; ; attempt++) {
      try {
        return await first.waitFor({ timeout: attempt * 15_000 });
      } catch (error) {
        if (attempt === 4) throw error;
        if (!(await none.isVisible())) continue;
        await this.page.reload();
        await this.#restored();
      }
    }
  }

  /** Reloads the window as a user does, once each of `kept` (parts of the state in JSON) is saved: the browser's workbench writes it every few seconds. */
  async reload(...kept: string[]): Promise<void> {
    for (const part of kept) await waitInPage(this.page, isKept, part);
    await Promise.all([this.page.waitForEvent('load'), this.runCommand('Developer: Reload Window')]);
    await this.#restored();
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async #restored(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    // The workbench's own mark, set when its editors are restored. (Its smoke test driver would tell too, but hides notifications.)
    await this.page.waitForFunction(() => performance.getEntriesByName('code/didStartWorkbench').length > 0);
  }

  /** Runs a command from the command palette by the title it shows there, such as `Updraft: Submit Job`. */
  runCommand(title: string): Promise<void> {
    return this.quickInput.runCommand(title);
  }

  /** Takes another colour theme, by the name that people see. */
  async chooseTheme(name: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    // Further down than the rows that are painted.
    await this.quickInput.widget.getByPlaceholder(/^Select Color Theme/).fill(name);
    await this.quickInput.pick(name);
  }

  /** Opens a file of the folder by its name and waits for its tab. */
  async openFile(name: string): Promise<void> {
    await this.quickInput.openFile(name);
    // By the whole name: a tab beside it may have it in its own.
    await this.page
      .locator(`.part.editor .tab[data-resource-name="${name.split('/').at(-1)}"]`)
      .first()
      .waitFor();
    await this.page.locator('.editor-instance .monaco-editor .view-lines').first().waitFor();
  }

  /** Puts the cursor of the open editor at a line (from 1) and column. */
  goTo(line: number, column = 1): Promise<void> {
    return this.quickInput.enter(`:${line}:${column}`);
  }

  /** Shows a container of the activity bar, such as `Explorer` or `Updraft`. */
  async showViews(container: string): Promise<void> {
    const icon = this.page.locator('.activitybar').getByRole('tab', { name: container });
    // A click on the container that is already shown would hide it.
    if ((await icon.first().getAttribute('aria-selected')) !== 'true') await icon.first().click();
  }

  /** Opens a view of the side bar that is collapsed. */
  async openView(view: string): Promise<void> {
    const header = this.page.locator('.pane-header', { hasText: view });
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
  }

  /** Makes room in the side bar for other views. */
  async closeView(view: string): Promise<void> {
    const header = this.page.locator('.pane-header', { hasText: view });
    // At its name: under the mouse it has buttons, too.
    if ((await header.getAttribute('aria-expanded')) === 'true') await header.click({ position: { x: 24, y: 8 } });
  }

  /** A tree by the name of its view, such as `Jobs`. */
  tree(view: string): TreeView {
    return new TreeView(this.page, view);
  }

  tab(name: string | RegExp): Locator {
    return this.page.locator('.part.editor').getByRole('tab', { name });
  }

  /** The names on the open editors' tabs, from left to right. */
  tabs(): Promise<string[]> {
    // The extension of a file's name stands in an element of its own.
    return this.page
      .locator('.part.editor .tab .monaco-icon-label-container')
      .evaluateAll((labels) => labels.map((label) => label.textContent ?? ''));
  }

  activeTab(): Locator {
    return this.page.locator('.part.editor .tab.active');
  }

  /** A line on the screen of an open editor, by its text. Monaco shows spaces as non-breaking ones: `.` stands for them in a pattern. */
  line(text: string | RegExp): Locator {
    return this.page.locator('.editor-instance .view-line', { hasText: text }).first();
  }

  /** Waits until a line that matches has gone off the screen: its editor follows a text that grows. */
  async scrollsPast(text: RegExp): Promise<void> {
    const shown = await this.line(text).textContent();
    await this.page.waitForFunction(
      (gone) => ![...document.querySelectorAll('.editor-instance .view-line')].some((each) => each.textContent === gone),
      shown,
    );
  }

  codeLens(title: string): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: title });
  }

  /** A notification on the screen, by a part of its text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  notificationButton(text: string | RegExp, button: string): Locator {
    return this.notification(text).locator('.notification-list-item-buttons-container').getByRole('button', { name: button });
  }

  /** A button of the modal dialog that is open. */
  dialogButton(name: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').getByRole('button', { name });
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** The inside of a visible webview, by the title of its tab or view. It survives a new `html`, but not a window reload. */
  webview(title: string): Promise<FrameLocator> {
    return webviewFrame(this.page, title);
  }

  /** Waits until this is what a paste would bring. */
  async clipboardHas(text: string): Promise<void> {
    await waitInPage(this.page, async (wanted) => (await navigator.clipboard.readText()) === wanted, text);
  }

  /** Leaves Restricted Mode through the Workspace Trust editor. */
  async trustFolder(): Promise<void> {
    await this.runCommand('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await this.statusBarItem('Restricted Mode').waitFor({ state: 'detached' });
    await this.runCommand('View: Close Editor');
  }

  /** What stands in the window, part by part, for a log that has no pictures. */
  async shows(): Promise<string> {
    const parts: Record<string, string> = {
      dialogs: '.monaco-dialog-box, .quick-input-widget:not([style*="display: none"]), .monaco-menu',
      notifications: '.notifications-toasts .notification-list-item',
      suggestions: '.suggest-widget.visible .monaco-list-row',
      'side bar': '.part.sidebar .monaco-list-row, .part.sidebar .pane-header',
      tabs: '.part.editor .tab',
      text: '.editor-instance .view-line',
      'status bar': '.part.statusbar .statusbar-item',
    };
    const lines: string[] = [];
    for (const [part, selector] of Object.entries(parts)) {
      const texts = await this.page.locator(selector).filter({ visible: true }).allInnerTexts();
      if (texts.length)
        lines.push(
          `  ${part}: ${texts
            .slice(0, 40)
            .map((text) => text.replace(/\s+/g, ' ').trim())
            .join(' | ')}`,
        );
    }
    for (const frame of await this.page.locator('iframe.webview').filter({ visible: true }).all()) {
      const body = frame.contentFrame().locator('#active-frame').contentFrame().locator('body');
      const text = (await body.allInnerTexts().catch((error: Error) => [error.message])).join(' ');
      lines.push(`  page: ${text.replace(/\s+/g, ' ').trim().slice(0, 1500)}`);
    }
    return lines.join('\n');
  }

  /** Saves `test-artifacts/screenshots/NAME.png`, for people and for the README. */
  async screenshot(name: string): Promise<string> {
    const path = join(screenshots, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }
}
