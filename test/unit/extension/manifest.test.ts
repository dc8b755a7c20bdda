import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { contrast } from '../../webview/contrast.ts';

const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'));
const { viewsWelcome, walkthroughs, colors } = manifest.contributes as {
  viewsWelcome: { contents: string }[];
  walkthroughs: { steps: { id: string; completionEvents: string[] }[] }[];
  colors: { id: string; defaults: Record<'dark' | 'light' | 'highContrast' | 'highContrastLight', string> }[];
};

describe('what the extension contributes', () => {
  it('has one button at most in each empty view', () => {
    for (const { contents } of viewsWelcome) {
      // A line that is a link and nothing else becomes a button.
      const buttons = contents.split('\n').filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line));
      assert.ok(buttons.length <= 1, contents);
    }
  });

  it('ticks a step of the walkthrough only by what was done, not by a command that may have been canceled', () => {
    for (const { id, completionEvents } of walkthroughs.flatMap(({ steps }) => steps))
      for (const event of completionEvents) assert.doesNotMatch(event, /^onCommand:/, id);
  });

  it('has icons of status that stand out in every theme', () => {
    // Side bars of the default themes.
    const grounds = {
      dark: ['#181818', '#252526'],
      light: ['#f8f8f8', '#f3f3f3', '#ffffff'],
      highContrast: ['#000000'],
      highContrastLight: ['#ffffff'],
    };
    for (const { id, defaults } of colors)
      for (const [theme, all] of Object.entries(grounds))
        for (const ground of all) {
          const found = contrast(defaults[theme as keyof typeof grounds], ground);
          assert.ok(found >= 3, `${id} in ${theme} on ${ground}: ${found.toFixed(1)}`);
        }
  });
});
