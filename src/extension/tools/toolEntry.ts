import type { Tool } from '../../tools/tool.ts';

/** How VS Code names a tool: names are shared by all extensions. */
export const toolPrefix = 'updraft_';

/** A tool as `package.json` has it, for VS Code to offer before the extension is loaded. */
export const toolEntry = ({ name, title, what, schema }: Tool) => ({
  name: `${toolPrefix}${name}`,
  displayName: `Updraft: ${title}`,
  toolReferenceName: `${toolPrefix}${name}`,
  canBeReferencedInPrompt: true,
  icon: 'media/updraft.svg',
  userDescription: title,
  modelDescription: what,
  inputSchema: JSON.parse(JSON.stringify(schema)) as object,
});
