import type { Locator, Page } from 'playwright-core';
import { exactly } from './exactly.ts';

/** The field at the top of the window: command palette, file search, quick picks and input boxes. */
export class QuickInput {
  readonly page: Page;
  readonly widget: Locator;
  readonly field: Locator;

  constructor(page: Page) {
    this.page = page;
    this.widget = page.locator('.quick-input-widget');
    this.field = this.widget.locator('.quick-input-box input');
  }

  /** The row of a list by its label, without the description beside it. */
  row(label: string): Locator {
    return this.widget.locator('.monaco-list-row', {
      has: this.page
        .locator('.label-name')
        .first()
        .filter({ hasText: exactly(label) }),
    });
  }

  /** The labels of the rows on the screen. */
  labels(): Promise<string[]> {
    return this.widget.locator('.monaco-list-row .quick-input-list-label .label-name').allInnerTexts();
  }

  async runCommand(title: string): Promise<void> {
    await this.#look(`>${title}`, this.row(title), `There is no command "${title}" in the command palette.`);
    await this.row(title).click();
  }

  async openFile(name: string): Promise<void> {
    const label = name.split('/').at(-1) ?? name;
    await this.#look(name, this.row(label), `There is no file "${name}" in the window's folder.`);
    await this.row(label).first().click();
  }

  /** Picks a row of the list that is open. */
  async pick(label: string): Promise<void> {
    await this.row(label).click();
  }

  /** Answers the input box that is open. */
  async answer(text: string): Promise<void> {
    // A pick before it uses the same field; only an input box has a prompt below it and no list.
    await this.widget.locator('.quick-input-message').filter({ hasText: /\S/ }).waitFor();
    await this.widget.locator('.quick-input-list').waitFor({ state: 'hidden' });
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Ticks a row of a list that takes several, and accepts. */
  async tick(label: string): Promise<void> {
    await this.row(label).click();
    await this.field.press('Enter');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** Answers the folder dialog that is open. */
  async chooseFolder(path: string): Promise<void> {
    // The dialog lists the folder that it starts in before it takes another.
    await this.widget.locator('.monaco-list-row').first().waitFor();
    await this.field.fill(`${path}/`);
    await this.widget.getByRole('button', { name: /Save here|Register|Put it here|OK/ }).click();
    await this.widget.locator('.quick-input-list').waitFor({ state: 'hidden' });
  }

  /** Answers the dialog that asks for the name of a file. */
  async saveAs(path: string): Promise<void> {
    await this.widget.locator('.monaco-list-row').first().waitFor();
    await this.field.fill(path);
    // While the dialog looks at what was entered, it takes no answer: one gives it again.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.widget.getByRole('button', { name: /^(OK|Save|Save As)$/ }).click({ timeout: attempt * 2_000 });
        return await this.widget.waitFor({ state: 'hidden', timeout: attempt * 2_000 });
      } catch (error) {
        if (!(await this.widget.isVisible())) return;
        if (attempt === 6) throw error;
      }
    }
  }

  /** Opens the field, enters a text such as `:12` and accepts it. */
  async enter(text: string): Promise<void> {
    await this.#open(text);
    await this.field.press('Enter');
    await this.widget.waitFor({ state: 'hidden' });
  }

  async #open(text: string): Promise<void> {
    // What opens meanwhile takes the focus, and with it the key, or the field closes again: one presses it once more.
    for (let attempt = 1; ; attempt++) {
      // F1 is the one key that opens the field on every platform, also while a webview has the focus.
      await this.page.keyboard.press('F1');
      try {
        return await this.field.fill(text, { timeout: attempt * 2_000 });
      } catch (error) {
        if (attempt === 6) throw error;
        // A webview that had the focus may be gone with it: then nobody hears the key. Where an editor lies over the whole window, it has the focus itself.
        await this.page
          .locator('.part.titlebar')
          .click({ position: { x: 2, y: 2 }, timeout: 2_000 })
          .catch(() => {});
      }
    }
  }

  /** The list is made once, when it is asked for: a command that is enabled a moment later needs a new question. */
  async #look(text: string, wanted: Locator, otherwise: string): Promise<void> {
    for (let attempt = 1; attempt <= 10; attempt++) {
      await this.#open(text);
      try {
        await wanted.first().waitFor({ timeout: attempt * 1_000 });
        return;
      } catch {
        await this.page.keyboard.press('Escape');
      }
    }
    throw new Error(otherwise);
  }
}
