import type { Page } from 'playwright-core';

/** More presses of Tab than any page needs. */
const mostPresses = 400;
/** Rows and columns that are walked of what is large. */
const mostArrows = 40;

/**
 * Walks through a page by Tab, and by arrows within tabs, grids, trees and menus. Answers a line for each control that is not reached, does not show that it has
 * the focus, or has no name; and for each thing to click that is no control. A widget that keeps the focus leaves those behind it unreached.
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  await page.evaluate(prepare);
  const step = () => page.evaluate(look);
  for (let press = 0; press < mostPresses; press++) {
    await page.keyboard.press('Tab');
    if (!(await step())) break;
  }
  const found = await page.evaluate(traps);
  // Tabs last: each press shows another part of the page.
  for (const isTabs of [false, true]) {
    for (const { focus, keys } of await page.evaluate(composites, isTabs))
      for (const key of keys) {
        await page.evaluate((at) => (globalThis as any).__walk.stops[at].focus(), focus);
        for (let press = 0; press < mostArrows; press++) {
          await page.keyboard.press(key);
          if (!(await step())) break;
        }
      }
    found.push(...(await page.evaluate(faults, isTabs)));
  }
  return found;
}

/** Runs in the page: notes its controls, and how each looks without the focus. */
function prepare(): void {
  const roles =
    'button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem slider spinbutton combobox textbox searchbox'
      .split(' ')
      .map((role) => `[role=${role}]`)
      .join();
  const controls = `a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true], [tabindex]:not([tabindex="-1"]), ${roles}`;
  const modal = document.querySelector('dialog:modal');
  const all = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])]);
  /** With those of the elements that its shadow tree belongs to. */
  const ancestors = (element: Element): Element[] => {
    const found: Element[] = [];
    for (let at: Element | null = element; at; at = at.parentElement ?? ((at.getRootNode() as ShadowRoot).host || null)) found.push(at);
    return found;
  };
  const isShown = (element: Element) =>
    element.getClientRects().length > 0 &&
    (element as HTMLElement).checkVisibility({ visibilityProperty: true }) &&
    !ancestors(element).some((each) => each.matches('[inert], [aria-hidden=true]'));
  const isControl = (element: Element) => element.matches(controls) && !element.matches(':disabled, [aria-disabled=true]');
  const found = all(modal ?? document.body).filter((each) => isControl(each) && isShown(each));
  /** What changes when something gets the focus. */
  const look = (element: Element): string =>
    ancestors(element)
      .slice(0, 4)
      .flatMap((each) => ['', '::before', '::after'].map((part) => getComputedStyle(each, part)))
      .map((style) =>
        [style.outlineStyle === 'none' ? '' : style.outline, style.boxShadow, style.borderColor, style.backgroundColor, style.color].join(),
      )
      .join('|');
  const activeOf = (element: Element) => {
    const id = element.getAttribute('aria-activedescendant');
    return id ? ((element.getRootNode() as Document).getElementById(id) ?? undefined) : undefined;
  };
  /** What has the focus, also in the shadow tree of an element. */
  const deepest = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };
  const compositeRoles = '[role=tablist], [role=grid], [role=tree], [role=listbox], [role=menu], [role=radiogroup]';
  const walk = {
    all,
    ancestors,
    isShown,
    isControl,
    look,
    activeOf,
    deepest,
    compositeRoles,
    controls: found,
    looks: new Map<Element, string>(found.map((each) => [each, look(each) + (activeOf(each) ? look(activeOf(each)!) : '')])),
    /** What had the focus, in this order. */
    stops: [] as Element[],
    reached: new Set<Element>(),
    unseen: new Set<Element>(),
  };
  (globalThis as any).__walk = walk;
  // From the beginning of the page, or of the dialog that is open.
  if (modal) return;
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
}

/** Runs in the page: takes note of what has the focus now, or is active in it. Answers whether it had not been reached before. */
async function look(): Promise<boolean> {
  const walk = (globalThis as any).__walk;
  const at: Element | null = walk.deepest();
  if (!at || at === document.body) return false;
  const active: Element | undefined = walk.activeOf(at);
  const meant = active ?? at;
  const isNew = !walk.reached.has(meant);
  if (!walk.reached.has(at)) {
    walk.stops.push(at);
    const before = walk.looks.get(at);
    const now = () => walk.look(at) + (active ? walk.look(active) : '');
    // A page is painted a moment after the key.
    for (let frame = 0; before !== undefined && frame < 10 && now() === before; frame++) await new Promise(requestAnimationFrame);
    if (before !== undefined && now() === before) walk.unseen.add(at);
  }
  walk.reached.add(at);
  walk.reached.add(meant);
  return isNew;
}

/** Runs in the page, after the last press of Tab: it has left the page, or begins again. */
function traps(): string[] {
  const { stops, deepest } = (globalThis as any).__walk;
  const at: Element | null = deepest();
  return at === null || at === document.body || at === stops[0]
    ? []
    : [`keeps the focus when Tab is pressed: ${at.outerHTML.slice(0, 160)}`];
}

/** Runs in the page: the widgets that were reached by Tab and are walked by arrows. */
function composites(isTabs: boolean): { focus: number; keys: string[] }[] {
  const walk = (globalThis as any).__walk;
  const keys: Record<string, string[]> = {
    tablist: ['ArrowRight'],
    grid: ['ArrowRight', 'ArrowDown', 'ArrowUp'],
    tree: ['ArrowDown', 'ArrowUp'],
    listbox: ['ArrowDown'],
    menu: ['ArrowDown'],
    radiogroup: ['ArrowDown'],
    radio: ['ArrowDown'],
  };
  const owners = new Set<Element>();
  return (walk.stops as Element[]).flatMap((stop, focus) => {
    const isRadio = stop.matches('input[type=radio]');
    const owner = isRadio ? stop : stop.closest(walk.compositeRoles);
    const role = isRadio ? 'radio' : owner?.getAttribute('role');
    if (!owner || !role || owners.has(owner) || (role === 'tablist') !== isTabs) return [];
    owners.add(owner);
    return [{ focus, keys: keys[role]! }];
  });
}

/** Runs in the page: what is wrong with its tabs, or with all else. */
function faults(isTabs: boolean): string[] {
  const walk = (globalThis as any).__walk;
  const { reached, unseen, controls, ancestors, isControl, isShown, compositeRoles } = walk;
  const axe = (globalThis as any).axe;
  const say = (element: Element) => {
    const shown = element.cloneNode(false) as Element;
    return `${shown.outerHTML.slice(0, 160)} ${(element.textContent ?? '').trim().slice(0, 40)}`;
  };
  const lines: string[] = [];
  /** Cells of a grid are walked by row and by column. */
  const isWalked = (element: Element) => {
    if (
      reached.has(element) ||
      ancestors(element).some(
        (each: Element) =>
          reached.has(each) && each.matches('[role=gridcell], [role=columnheader], [role=treeitem], [role=option], [role=tab]'),
      )
    )
      return true;
    const cell = element.closest('[role=gridcell]');
    if (!cell) return false;
    const [row, column] = [cell.closest('[role=row]')!.getAttribute('aria-rowindex'), cell.getAttribute('aria-colindex')];
    const cells = [...reached].filter((each) => (each as Element).matches('[role=gridcell]')) as Element[];
    return (
      cells.some((each) => each.closest('[role=row]')!.getAttribute('aria-rowindex') === row) &&
      cells.some((each) => each.getAttribute('aria-colindex') === column)
    );
  };
  axe.setup(document);
  for (const control of controls) {
    if (!control.isConnected || control.matches('[role=tab]') !== isTabs) continue;
    if (!isWalked(control)) lines.push(`not reached by the keyboard: ${say(control)}`);
    if (unseen.has(control)) lines.push(`does not show that it has the focus: ${say(control)}`);
    if (axe.commons.text.accessibleText(control).trim() === '') lines.push(`has no name: ${say(control)}`);
  }
  axe.teardown();
  if (isTabs) return lines;
  for (const each of walk.all(document.querySelector('dialog:modal') ?? document.body) as Element[]) {
    if (getComputedStyle(each).cursor !== 'pointer' || !isShown(each)) continue;
    if (each.parentElement && getComputedStyle(each.parentElement).cursor === 'pointer') continue;
    const isPart = ancestors(each).some((one: Element) => isControl(one) || one.matches(`${compositeRoles}, label`));
    if (!isPart && !each.querySelector('a[href], button, input') && each.getRootNode() === document)
      lines.push(`is clicked, but is no control: ${say(each)}`);
  }
  return lines;
}
