import { readFileSync } from 'node:fs';
import path from 'node:path';

export type ThemeName = 'dark' | 'light' | 'contrast';

/** Variables that VS Code gives every webview: those of its default themes, as the Studio repeats them, and of Dark High Contrast on top. */
export function themeCss(theme: ThemeName): string {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../webview/studio/browserTheme.css'), 'utf8');
  if (theme !== 'contrast') return text;
  const rules = Object.entries(contrast).map(([name, value]) => `  --vscode-${name}: ${value};`);
  return `${text}\n:root:root {\n  color-scheme: dark;\n${rules.join('\n')}\n}\n`;
}

/** From the theme `hc_black` of VS Code 1.139. */
const contrast: Record<string, string> = {
  foreground: '#ffffff',
  descriptionForeground: 'rgba(255,255,255,0.7)',
  errorForeground: '#f48771',
  'editorWarning-foreground': '#ffd370',
  focusBorder: '#f38518',
  contrastBorder: '#6fc3df',
  contrastActiveBorder: '#f38518',
  'icon-foreground': '#ffffff',
  'editor-background': '#000000',
  'sideBar-background': '#000000',
  'editor-foreground': '#ffffff',
  'editorWidget-background': '#0c141f',
  'widget-border': '#6fc3df',
  'panel-border': '#6fc3df',
  'badge-background': '#000000',
  'badge-foreground': '#ffffff',
  'textLink-foreground': '#21a6ff',
  'textLink-activeForeground': '#21a6ff',
  'textCodeBlock-background': '#000000',
  'button-background': '#000000',
  'button-foreground': '#ffffff',
  'button-border': '#6fc3df',
  'button-secondaryBackground': '#000000',
  'button-secondaryForeground': '#ffffff',
  'input-background': '#000000',
  'input-foreground': '#ffffff',
  'input-border': '#6fc3df',
  'settings-textInputBackground': '#000000',
  'settings-textInputBorder': '#6fc3df',
  'settings-dropdownBackground': '#000000',
  'settings-dropdownBorder': '#6fc3df',
  'settings-dropdownListBorder': '#6fc3df',
  'settings-checkboxBackground': '#000000',
  'settings-checkboxBorder': '#6fc3df',
  'inputValidation-errorBackground': '#5a1d1d',
  'inputValidation-errorBorder': '#be1100',
  'inputValidation-errorForeground': '#ffffff',
  'toolbar-hoverBackground': 'transparent',
  'list-hoverBackground': 'transparent',
  'panelTitle-activeForeground': '#ffffff',
  'panelTitle-inactiveForeground': '#ffffff',
  'panelTitle-activeBorder': '#6fc3df',
  'debugTokenExpression-string': '#f48771',
  'debugTokenExpression-number': '#89d185',
  'charts-blue': '#3794ff',
  'charts-green': '#89d185',
  'charts-red': '#f48771',
  'charts-orange': '#d18616',
  'charts-purple': '#b180d7',
  'charts-yellow': '#cca700',
  'testing-iconPassed': '#73c991',
  'testing-iconFailed': '#f14c4c',
  'inputOption-activeBackground': 'transparent',
  'inputOption-activeBorder': '#6fc3df',
  'inputOption-activeForeground': '#ffffff',
};
