/** What installs elsewhere than into the job's own environment, and what to write instead. It is held back by nothing. */
const installers: { pattern: RegExp; line: string }[] = [
  {
    pattern: /\buv\s+pip\s+(?:install|sync|uninstall)\b[^\n;&|]*\s--(?:system|break-system-packages)\b/,
    line: '"uv pip … --system" changes a Python of this machine, as nothing holds back here. Without "--system" it installs into the job\'s own environment.',
  },
  {
    pattern: /\b(?:conda|mamba|micromamba)\s+(?:install|update|upgrade|remove|uninstall|env\s+update)\b/,
    line: '"conda" changes an environment of this machine, as nothing holds back here. Let the job\'s environment list the packages, or install them with "pip install", which stays in the job.',
  },
];

/** What a command installs into Pythons of the machine's user rather than its own: a line each for its log. */
export const changesThisMachine = (command: string): string[] =>
  installers.filter(({ pattern }) => pattern.test(command)).map(({ line }) => line);
