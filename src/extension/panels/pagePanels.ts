import { Uri, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { shortened } from '../../base/text.ts';
import { check } from '../../protocol/check.ts';
import { titleOf } from '../../protocol/job.ts';
import { PageAddress } from '../../protocol/webview.ts';
import type { JobFeed } from '../state/jobFeed.ts';
import type { WorkspacePermissions } from '../state/permissions.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import { type ServedPage, servePage } from './servePage.ts';

export const panelType = 'updraft.page';

/** Dashboards in editor tabs: one for each job or model, brought back by the editor after a reload. */
export class PagePanels implements WebviewPanelSerializer, Disposable {
  private readonly panels = new Map<string, WebviewPanel>();
  private readonly pages = new Map<WebviewPanel, ServedPage>();
  private readonly activations = new Emitter<string>();
  /** The dashboard of this job has become the active tab. */
  readonly onDidActivateJob = this.activations.event;
  private readonly extensionUri: Uri;
  private readonly plane: PlaneConnection;
  private readonly permissions: WorkspacePermissions;
  private readonly feed: JobFeed;
  private readonly hubToken: () => PromiseLike<string | undefined>;
  private readonly onError: (error: unknown) => void;
  private readonly subscriptions = new DisposableStore();

  constructor(
    extensionUri: Uri,
    plane: PlaneConnection,
    permissions: WorkspacePermissions,
    feed: JobFeed,
    hubToken: () => PromiseLike<string | undefined>,
    onError: (error: unknown) => void,
  ) {
    this.hubToken = hubToken;
    this.extensionUri = extensionUri;
    this.plane = plane;
    this.permissions = permissions;
    this.feed = feed;
    this.onError = onError;
    this.subscriptions.add(window.registerWebviewPanelSerializer(panelType, this));
    this.subscriptions.add(plane.onDidMove(() => this.follow()));
    this.subscriptions.add(feed.interested((name) => this.ofJob(name) !== undefined));
    this.subscriptions.add(
      feed.onDidChangeJob(({ name, job }) => {
        const panel = this.ofJob(name);
        if (panel && job) panel.title = tabTitle(titleOf(job));
      }),
    );
  }

  /** The job whose dashboard is the active tab. */
  get activeJob(): string | undefined {
    for (const [key, panel] of this.panels) if (panel.active && key.startsWith(jobKeys)) return key.slice(jobKeys.length);
    return undefined;
  }

  /** Whether a job's dashboard is on screen. */
  shows(job: string): boolean {
    return this.ofJob(job)?.visible ?? false;
  }

  /** Shows a page beside the editor, or the tab that shows it already. `toTheSide`: beside what is in front, also where that is a page. */
  open(address: PageAddress, title: string, { preserveFocus = false, toTheSide = false } = {}): void {
    const known = this.panels.get(keyOf(address));
    if (known) {
      known.reveal(toTheSide ? ViewColumn.Beside : undefined, preserveFocus);
      if (address.tab || address.version || address.state) this.pages.get(known)?.navigate(address);
      return;
    }
    const column = toTheSide || window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active;
    this.adopt(window.createWebviewPanel(panelType, tabTitle(title), { viewColumn: column, preserveFocus }, {}), address, title);
  }

  /** `state` is what the page kept: its address at least. */
  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    try {
      const address = check(PageAddress, (state as { address?: unknown } | undefined)?.address, 'The kept page');
      this.adopt(panel, address, panel.title);
      // It may have got another name while the window was closed.
      if (address.page === 'job') this.feed.look(address.name);
    } catch (error) {
      // Kept by another version: there is nothing to show.
      panel.dispose();
      this.onError(error);
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.activations.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }

  /** Another workspace is the current one: it has none of the things that tabs are about, and what is about a whole workspace begins anew. */
  private follow(): void {
    for (const [key, panel] of this.panels)
      if (isOfWorkspace(key)) this.pages.get(panel)?.reload();
      else panel.dispose();
  }

  private ofJob(name: string): WebviewPanel | undefined {
    return this.panels.get(`${jobKeys}${name}`);
  }

  private adopt(panel: WebviewPanel, address: PageAddress, title: string): void {
    const key = keyOf(address);
    this.panels.set(key, panel);
    panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'tab.svg');
    const { extensionUri, plane, permissions, hubToken, onError } = this;
    const { page: name } = address;
    const bundle =
      name === 'runs' || name === 'playground' || name === 'models' || name === 'finetuning' || name === 'endpoint' ? name : 'job';
    const page = servePage(panel.webview, { bundle, title, extensionUri, plane, permissions, address: () => address, hubToken, onError });
    this.pages.set(panel, page);
    panel.onDidDispose(() => {
      page.dispose();
      this.pages.delete(panel);
      if (this.panels.get(key) === panel) this.panels.delete(key);
    });
    if (address.page !== 'job') return;
    const noteActive = () => panel.active && this.activations.fire(address.name);
    panel.onDidChangeViewState(noteActive);
    noteActive();
  }
}

const keyOf = ({ page, name, registry }: PageAddress) => `${registry === undefined ? '' : `${registry}/`}${page}/${name}`;
/** Whether a page is about a workspace as a whole, by its key. */
const isOfWorkspace = (key: string): boolean => ['runs/', 'models/', 'playground/', 'finetuning/'].includes(key);
const jobKeys = keyOf({ page: 'job', name: '' });

/** Characters of a name that a tab has room for; the page has the whole of it. */
const mostCharacters = 40;
const tabTitle = (title: string): string => shortened(title, mostCharacters);
