import { type Disposable, type Extension, lm } from 'vscode';
import { DisposableStore } from '../../base/disposable.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { AgentTool } from './agentTool.ts';
import { toolPrefix } from './toolEntry.ts';

interface Manifest {
  contributes: { languageModelTools: { name: string }[] };
}

/** Offers our tools to VS Code's own agents, those that the package declares. */
export function agentTools({ packageJSON }: Extension<unknown>, plane: PlaneConnection): Disposable {
  const all = new DisposableStore();
  for (const { name } of (packageJSON as Manifest).contributes.languageModelTools)
    all.add(lm.registerTool(name, new AgentTool(name.slice(toolPrefix.length), plane)));
  return all;
}
