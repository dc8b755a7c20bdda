import type { Bundle } from '../../src/extension/panels/pageHtml.ts';
import { PlaneBridge } from '../../src/extension/panels/planeBridge.ts';
import type { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { check } from '../../src/protocol/check.ts';
import { FromWebview, type PageAddress, type ToWebview } from '../../src/protocol/webview.ts';
import type { TestPlane } from '../contract/plane.ts';
import { type Frame, openFrame } from './editorFrame.ts';
import type { ThemeName } from './themes.ts';

export interface EditorTab extends Frame {
  /** What the page asked the editor for. */
  commands: { command: string; args: Record<string, string> }[];
}

/** The page of a job, a model or runs in a VS Code panel, or the view of the selected job, with the extension's own bridge on the other side of the messages. */
export async function openInEditor(
  plane: TestPlane,
  address: PageAddress,
  { bundle = bundleOf(address), ...options }: { bundle?: Bundle; theme?: ThemeName; width?: number; height?: number } = {},
): Promise<EditorTab> {
  const commands: EditorTab['commands'] = [];
  const connection = { client: async () => plane.client } as Pick<PlaneConnection, 'client'> as PlaneConnection;
  let bridge: PlaneBridge | undefined;
  const frame = await openFrame(bundle, options, (data, send) => {
    const post = (message: ToWebview) => send(message);
    const message = check(FromWebview, data, 'A message of a page');
    if (message.type === 'ready') {
      bridge?.dispose();
      bridge = new PlaneBridge(connection, post);
      post({ type: 'init', address, workspace: defaultWorkspace });
    } else if (message.type === 'fetch') void bridge?.fetch(message);
    else if (message.type === 'abort') bridge?.abort(message.id);
    else if (message.type === 'reload') void frame.reload();
    else commands.push(message);
  });
  frame.page.on('close', () => bridge?.dispose());
  return { ...frame, commands };
}

const bundleOf = ({ page }: PageAddress): Bundle =>
  page === 'runs' || page === 'playground' || page === 'models' || page === 'finetuning' || page === 'endpoint' ? page : 'job';
