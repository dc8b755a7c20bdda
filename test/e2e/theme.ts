export type Theme = 'Dark Modern' | 'Light Modern' | 'Dark High Contrast';

/** What `workbench.colorTheme` calls the theme, and the class that the workbench wears once it is painted. */
export const themes: Record<Theme, { setting: string; className: string }> = {
  'Dark Modern': { setting: 'Dark Modern', className: 'vscode-theme-defaults-themes-dark_modern-json' },
  'Light Modern': { setting: 'Light Modern', className: 'vscode-theme-defaults-themes-light_modern-json' },
  'Dark High Contrast': { setting: 'Default High Contrast', className: 'hc-black' },
};
