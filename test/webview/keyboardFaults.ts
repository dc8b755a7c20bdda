import type { Page } from 'playwright-core';

/** More presses than any page needs. */
const mostTabs = 400;
const mostArrows = 40;

/**
 * Walks through a page by Tab, and by arrows within tabs, grids, trees and menus. Answers a line for each control that is not reached, does not show that it has
 * the focus, or has no name; for each widget that Tab does not leave; and for each thing to click that is no control. `withTabs`: goes through the tabs too, and
 * comes back to the one that is shown. axe-core has been loaded into the page.
 */
export async function keyboardFaults(page: Page, withTabs: boolean): Promise<string[]> {
  const { keyboard } = page;
  await page.evaluate(startWalk);
  const isNew = () => page.evaluate(() => globalThis.walk.note());
  for (let press = 0; press < mostTabs; press++) {
    await keyboard.press('Tab');
    if (!(await isNew())) break;
  }
  const faults = await page.evaluate(() => globalThis.walk.traps());
  // Tabs last: each press shows another part of the page.
  for (const part of withTabs ? (['all but tabs', 'tabs'] as const) : (['all but tabs'] as const)) {
    for (const { stop, keys } of await page.evaluate((which) => globalThis.walk.widgets(which), part))
      for (const key of keys) {
        await page.evaluate((at) => globalThis.walk.goTo(at), stop);
        // Until it goes no further, or has come round.
        for (let press = 0; press < mostArrows; press++) {
          await keyboard.press(key);
          if (!(await page.evaluate(() => globalThis.walk.hasMoved()))) break;
        }
      }
    faults.push(...(await page.evaluate((which) => globalThis.walk.faults(which), part)));
  }
  return faults;
}

type Part = 'tabs' | 'all but tabs';

declare global {
  var walk: {
    /** Takes note of what has the focus, or is active in it. Answers whether it had not been reached before. */
    note(): Promise<boolean>;
    /** Puts the focus on what the Tab key came to. */
    goTo(stop: number): void;
    /** Notes where an arrow led. Answers whether the focus had not been there since `goTo`. */
    hasMoved(): Promise<boolean>;
    /** What kept the focus when Tab was pressed last. */
    traps(): string[];
    /** What was reached by Tab and is walked by arrows. */
    widgets(part: Part): { stop: number; keys: string[] }[];
    faults(part: Part): string[];
  };
  var axe: { setup(root: Document): void; teardown(): void; commons: { text: { accessibleText(element: Element): string } } };
}

/** Runs in the page: notes its controls, and how each looks without the focus. */
async function startWalk(): Promise<void> {
  const roles =
    'button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem slider spinbutton combobox textbox searchbox';
  const controlSelector = [
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true], [tabindex]:not([tabindex="-1"])',
    ...roles.split(' ').map((role) => `[role=${role}]`),
  ].join();
  const arrows: Record<string, string[]> = {
    tablist: ['ArrowRight'],
    grid: ['ArrowRight', 'ArrowDown', 'ArrowUp'],
    tree: ['ArrowDown', 'ArrowUp'],
    listbox: ['ArrowDown'],
    menu: ['ArrowDown'],
    radiogroup: ['ArrowDown'],
  };
  const widgetSelector = Object.keys(arrows)
    .map((role) => `[role=${role}]`)
    .join();
  const itemSelector = '[role=gridcell], [role=columnheader], [role=treeitem], [role=option], [role=tab]';

  const within = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? within(each.shadowRoot) : [])]);
  /** The element, what it is in, and what their shadow trees belong to. */
  const outward = (element: Element): Element[] => {
    const found: Element[] = [];
    for (let at: Element | null = element; at; at = at.parentElement ?? ((at.getRootNode() as ShadowRoot).host || null)) found.push(at);
    return found;
  };
  const isShown = (element: Element): boolean =>
    element.getClientRects().length > 0 &&
    element.checkVisibility({ visibilityProperty: true }) &&
    !outward(element).some((each) => each.matches('[inert], [aria-hidden=true]'));
  const isControl = (element: Element): boolean => element.matches(controlSelector) && !element.matches(':disabled, [aria-disabled=true]');
  const focused = (): Element | null => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at === document.body ? null : at;
  };
  const activeIn = (element: Element): Element | null => {
    const id = element.getAttribute('aria-activedescendant');
    return id ? (element.getRootNode() as Document).getElementById(id) : null;
  };
  /** What a ring, a frame or another ground changes: of the element, of what it is in, and of what is in it. */
  const lookOf = (element: Element): string =>
    [element, activeIn(element) ?? element]
      .flatMap((each) => [...outward(each).slice(0, 4), ...each.children])
      .flatMap((each) => ['', '::before', '::after'].map((part) => getComputedStyle(each, part)))
      .map(({ outlineStyle, outline, boxShadow, borderColor, backgroundColor, color }) =>
        [outlineStyle === 'none' ? '' : outline, boxShadow, borderColor, backgroundColor, color].join(),
      )
      .join('|');
  // What stands in an element with a shadow tree is its name when axe sees none.
  const nameOf = (element: Element): string =>
    (globalThis.axe.commons.text.accessibleText(element) || (element.shadowRoot ? element.textContent : '')).trim();
  const say = (element: Element): string =>
    `${(element.cloneNode(false) as Element).outerHTML.slice(0, 160)} ${(element.textContent ?? '').trim().slice(0, 40)}`;

  const dialog = document.querySelector('dialog:modal');
  const ground = dialog ?? document.body;
  // From the beginning of the page; in a dialog, from where the focus is.
  if (!dialog) {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    // What had the focus before is painted without it.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  }
  const controls = within(ground).filter((each) => isControl(each) && isShown(each));
  const before = new Map(controls.map((each) => [each, lookOf(each)]));
  const stops: Element[] = [];
  const reached = new Set<Element>();
  const unseen = new Set<Element>();
  let way = new Set<Element>();
  /** Cells of a grid are walked by row and by column: a cell is reached when both are. */
  const isReached = (element: Element): boolean => {
    if (outward(element).some((each, index) => reached.has(each) && (index === 0 || each.matches(itemSelector)))) return true;
    const placeOf = (cell: Element) => [cell.closest('[role=row]')?.ariaRowIndex, cell.ariaColIndex];
    const cell = element.closest('[role=gridcell]');
    if (!cell) return false;
    const places = [...reached].filter((each) => each.matches('[role=gridcell]')).map(placeOf);
    return placeOf(cell).every((place, index) => places.some((each) => each[index] === place));
  };

  globalThis.walk = {
    async note() {
      const at = focused();
      if (!at) return false;
      const meant = activeIn(at) ?? at;
      const isNew = !reached.has(meant);
      if (!stops.includes(at)) {
        stops.push(at);
        const old = before.get(at);
        // A page is painted a moment after the key.
        for (let frame = 0; frame < 10 && lookOf(at) === old; frame++) await new Promise(requestAnimationFrame);
        if (lookOf(at) === old) unseen.add(at);
      }
      reached.add(at).add(meant);
      return isNew;
    },
    goTo(stop) {
      const at = stops[stop] as HTMLElement;
      at.focus();
      way = new Set([activeIn(at) ?? at]);
    },
    async hasMoved() {
      await this.note();
      const at = focused();
      const meant = at && (activeIn(at) ?? at);
      if (!meant || way.has(meant)) return false;
      way.add(meant);
      return true;
    },
    traps() {
      const at = focused();
      return at && at !== stops[0] ? [`Tab does not leave ${say(at)}`] : [];
    },
    widgets(part) {
      const seen = new Set<Element>();
      return stops.flatMap((each, stop) => {
        if (each.matches('input[type=radio]')) return part === 'tabs' ? [] : [{ stop, keys: ['ArrowDown'] }];
        const widget = each.closest(widgetSelector);
        if (!widget || seen.has(widget) || widget.matches('[role=tablist]') !== (part === 'tabs')) return [];
        seen.add(widget);
        return [{ stop, keys: arrows[widget.role!]! }];
      });
    },
    faults(part) {
      const faults: string[] = [];
      globalThis.axe.setup(document);
      for (const control of controls) {
        // What another tab took the place of was looked at before.
        if (!control.isConnected || control.matches('[role=tab]') !== (part === 'tabs')) continue;
        if (!isReached(control)) faults.push(`is not reached by the keyboard: ${say(control)}`);
        if (unseen.has(control)) faults.push(`does not show that it has the focus: ${say(control)}`);
        if (nameOf(control) === '') faults.push(`has no name: ${say(control)}`);
      }
      globalThis.axe.teardown();
      if (part === 'tabs') return faults;
      const isPointed = (element: Element | null) => element !== null && getComputedStyle(element).cursor === 'pointer';
      for (const each of ground.querySelectorAll('*')) {
        if (!isPointed(each) || isPointed(each.parentElement) || !isShown(each)) continue;
        const isPart = outward(each).some((one) => isControl(one) || one.matches(`${widgetSelector}, label`));
        if (!isPart && !each.querySelector('a[href], button, input')) faults.push(`is clicked, but is no control: ${say(each)}`);
      }
      return faults;
    },
  };
}
