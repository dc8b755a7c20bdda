import type { Uri, WebviewView, WebviewViewProvider } from 'vscode';
import type { PageAddress } from '../../protocol/webview.ts';
import type { WorkspacePermissions } from '../state/permissions.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import type { SelectedJob } from '../state/selectedJob.ts';
import { servePage } from './servePage.ts';

/** A view beside the others, which shows the selected job at a glance. */
export class SelectedJobView implements WebviewViewProvider {
  private readonly extensionUri: Uri;
  private readonly plane: PlaneConnection;
  private readonly permissions: WorkspacePermissions;
  private readonly selected: SelectedJob;
  private readonly onError: (error: unknown) => void;

  constructor(
    extensionUri: Uri,
    plane: PlaneConnection,
    permissions: WorkspacePermissions,
    selected: SelectedJob,
    onError: (error: unknown) => void,
  ) {
    this.permissions = permissions;
    this.extensionUri = extensionUri;
    this.plane = plane;
    this.selected = selected;
    this.onError = onError;
  }

  resolveWebviewView(view: WebviewView): void {
    const { extensionUri, plane, permissions, onError } = this;
    const address = (): PageAddress => ({ page: 'job', name: this.selected.name });
    const page = servePage(view.webview, {
      bundle: 'selectedJob',
      title: view.title ?? '',
      extensionUri,
      plane,
      permissions,
      address,
      onError,
    });
    const subscription = this.selected.onDidChange(() => page.navigate(address()));
    const moves = plane.onDidMove(() => page.reload());
    view.onDidDispose(() => {
      subscription.dispose();
      moves.dispose();
      page.dispose();
    });
  }
}
