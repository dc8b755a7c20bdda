import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and what is good practice beyond them. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Rules that another theme can break. */
export const themeRules = ['color-contrast', 'link-in-text-block'];

/**
 * What axe-core finds in a page, a line for each element: rule, element, what to do. Its script comes through the debugging protocol, to which the page's content
 * security policy does not apply.
 */
export async function axeFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(`globalThis.axe ?? (() => { ${source} })()`);
  const options: RunOptions = {
    runOnly: rules ? { type: 'rule', values: [...rules] } : { type: 'tag', values: tags },
    resultTypes: ['violations'],
    // What a frame shows is a person's own file.
    iframes: false,
  };
  const { violations } = await page.evaluate((given) => (globalThis as any).axe.run(document, given) as Promise<AxeResults>, options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map(({ message }) => message).join('; ');
      return `${id}: ${node.target.flat().join(' ')} — ${help}. ${why}\n      ${node.html.slice(0, 200)}`;
    }),
  );
}
