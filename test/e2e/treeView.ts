import type { Locator, Page } from 'playwright-core';
import { exactly } from './exactly.ts';

export interface TreeRow {
  label: string;
  description: string;
  /** From 1. */
  level: number;
  /** `undefined` for a row without children. */
  expanded: boolean | undefined;
}

/** A tree view of the side bar. Only the rows on the screen exist: VS Code paints no others. */
export class TreeView {
  readonly page: Page;
  readonly tree: Locator;

  constructor(page: Page, view: string) {
    this.page = page;
    this.tree = page.locator(`[role="tree"][aria-label="${view}"]`);
  }

  row(label: string): Locator {
    return this.tree.locator('.monaco-list-row', { has: this.page.locator('.label-name', { hasText: exactly(label) }) });
  }

  /** Waits for the first row and reads all. */
  async rows(): Promise<TreeRow[]> {
    await this.tree.locator('.monaco-list-row').first().waitFor();
    return this.tree.locator('.monaco-list-row').evaluateAll((rows) =>
      // VS Code reuses row elements out of order; `data-index` is the order on the screen.
      rows
        .sort((a, b) => Number(a.getAttribute('data-index')) - Number(b.getAttribute('data-index')))
        .map((row) => ({
          label: row.querySelector('.label-name')?.textContent ?? '',
          description: row.querySelector('.label-description')?.textContent ?? '',
          level: Number(row.getAttribute('aria-level')),
          expanded: row.hasAttribute('aria-expanded') ? row.getAttribute('aria-expanded') === 'true' : undefined,
        })),
    );
  }

  /** Scrolls down until a row is on the screen. */
  async reach(label: string): Promise<void> {
    await this.tree.hover();
    for (let turns = 0; turns < 200 && !(await this.row(label).isVisible()); turns++) {
      await this.page.mouse.wheel(0, 300);
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
    }
    await this.row(label).waitFor();
  }

  /** Opens a row. A click on a row that is painted anew in that moment only selects it: then, as a person does, once more. */
  async expand(label: string): Promise<void> {
    const row = this.row(label);
    for (let attempt = 1; ; attempt++) {
      if ((await row.getAttribute('aria-expanded')) === 'true') return;
      await row.locator('.monaco-tl-twistie').click();
      try {
        return await row.and(this.page.locator('[aria-expanded="true"]')).waitFor({ timeout: attempt * 3_000 });
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  }

  /** Clicks one of the icons that a row shows under the mouse, by its title. */
  async inlineAction(label: string, title: string): Promise<void> {
    await this.row(label).hover();
    await this.row(label).locator('.actions').getByRole('button', { name: title }).click();
  }

  async contextMenu(label: string, item: string): Promise<void> {
    const choice = this.page.locator('.monaco-menu').getByRole('menuitem', { name: item });
    // An editor that opens meanwhile takes the focus, and the menu closes: one opens it again.
    for (let attempt = 1; ; attempt++) {
      await this.row(label).click({ button: 'right' });
      try {
        // By key: a menu takes no click in the first moments after it opened.
        await choice.hover({ timeout: attempt * 2_000 });
        await choice.press('Enter', { timeout: attempt * 2_000 });
        return;
      } catch (error) {
        if (attempt === 6) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }
}
