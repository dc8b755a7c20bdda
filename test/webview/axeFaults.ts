import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and what is good practice beyond them. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Rules that another theme can break. */
export const themeRules = ['color-contrast', 'link-in-text-block'];

/** Elements for which a rule is wrong. */
const exceptions: { rule: string; selector: string }[] = [
  // The size of a file and the time of a span stand beside its name. They are not what a person would call it by; screen readers are told them apart from it.
  { rule: 'label-content-name-mismatch', selector: '[role=treeitem]' },
];

/**
 * What axe-core finds in a page, a line for each element: rule, element, what is wrong. Its script comes through the debugging protocol, to which the page's
 * content security policy does not apply. `rules`: these alone; `within`: of what a selector finds.
 */
export async function axeFaults(page: Page, { rules, within }: { rules?: readonly string[]; within?: string } = {}): Promise<string[]> {
  // Only once, and without a result: axe itself as the answer would be sent over, at a third of a second each time.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`(() => { ${source} })()`);
  const options: RunOptions = {
    runOnly: rules ? { type: 'rule', values: [...rules] } : { type: 'tag', values: tags },
    resultTypes: ['violations'],
    elementRef: true,
    // Reading the style sheets again is for the rule of screens that are turned alone.
    preload: false,
    // What a frame shows is a person's own file.
    iframes: false,
  };
  return page.evaluate(
    async ([given, wrong, selector]) => {
      // What is on its way in is half seen.
      const motions = document.getAnimations().filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
      await Promise.allSettled(motions.map(({ finished }) => finished));
      // What is in the shadow tree of an element is not found: then it is the whole page.
      const root = selector && document.querySelector(selector) ? selector : document;
      const { violations } = await (globalThis.axe as unknown as typeof import('axe-core')).run(root, given);
      return violations.flatMap(({ id, help, nodes }) =>
        nodes
          .filter(({ element }) => !wrong.some((each) => each.rule === id && element!.matches(each.selector)))
          .map(({ target, html, any, all, none }) => {
            const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
            return `${id}: ${target.flat().join(' ')}: ${help}. ${why}\n      ${html.slice(0, 200)}`;
          }),
      );
    },
    [options, exceptions, within] as const,
  );
}
