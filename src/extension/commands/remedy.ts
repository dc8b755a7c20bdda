import { commands, window } from 'vscode';
import { type ErrorCode, UserError } from '../../base/userError.ts';

/** A way out that a notice offers as its button. Without a button the editor cuts a notice to one line, and just the way out is hidden. */
export interface Remedy {
  label: string;
  command: string;
  args?: readonly unknown[];
}

const showLog: Remedy = { label: 'Show Log', command: 'updraft.plane.showLog' };
const connect: Remedy = { label: 'Connect', command: 'updraft.plane.retry' };

export const remedies = {
  submit: { label: 'Submit a Job', command: 'updraft.job.submit' },
  openFolder: { label: 'Open Folder', command: 'workbench.action.files.openFolder' },
  openExample: { label: 'Open the Example', command: 'updraft.example.open' },
  writeSpec: { label: 'New Azure ML YAML', command: 'updraft.spec.new' },
  addPlane: { label: 'Add a Plane', command: 'updraft.plane.add' },
  signIn: { label: 'Sign In', command: 'updraft.plane.signIn' },
  chooseWorkspace: { label: 'Choose a Workspace', command: 'updraft.workspace.choose' },
  showProblems: { label: 'Show Problems', command: 'workbench.actions.view.problems' },
} as const satisfies Record<string, Remedy>;

const byCode: Partial<Record<ErrorCode, Remedy>> = {
  UntrustedFolder: { label: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
  PlaneUnreachable: connect,
  Unauthorized: connect,
};

/** An error whose way out is known where it is thrown. */
export class RemediedError extends UserError {
  readonly remedy: Remedy;

  constructor(code: ErrorCode, message: string, hint: string, remedy: Remedy) {
    super(code, message, hint);
    this.remedy = remedy;
  }
}

/** What the notice of an error offers: the log, which has all of it, where nothing better is known. */
export const remedyOf = (error: UserError): Remedy => (error instanceof RemediedError ? error.remedy : (byCode[error.code] ?? showLog));

/** Shows a notice with its way out. Settles when it is gone. */
export async function offer(kind: 'information' | 'error', text: string, { label, command, args = [] }: Remedy): Promise<void> {
  const chosen = await (kind === 'error' ? window.showErrorMessage(text, label) : window.showInformationMessage(text, label));
  if (chosen) await commands.executeCommand(command, ...args);
}
