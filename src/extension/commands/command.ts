import type { LogOutputChannel, TreeView } from 'vscode';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { JobFileSystem } from '../documents/jobFileSystem.ts';
import type { PreviewDocuments } from '../documents/previewDocuments.ts';
import type { ShownTexts } from '../documents/shownTexts.ts';
import type { SourceFinder } from '../documents/sourceFinder.ts';
import type { Problems } from '../editor/problems.ts';
import type { Language } from '../language/language.ts';
import type { GraphPanels } from '../panels/graphPanels.ts';
import type { PagePanels } from '../panels/pagePanels.ts';
import type { ActiveJobs } from '../state/activeJobs.ts';
import type { AssetsState, NamedKind } from '../state/assets.ts';
import type { HubToken } from '../state/hubToken.ts';
import type { JobsNode, JobsState } from '../state/jobs.ts';
import type { MachineModels } from '../state/machineModels.ts';
import type { WorkspacePermissions } from '../state/permissions.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';
import type { CurrentWorkspace } from '../state/planes/currentWorkspace.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import type { Place } from '../state/planes/place.ts';
import type { Sessions } from '../state/planes/sessions.ts';
import type { SharedPlanes } from '../state/planes/sharedPlanes.ts';
import type { RegistriesState } from '../state/registries.ts';
import type { StartedJobs } from '../state/startedJobs.ts';
import type { SubmitTargets } from '../state/submitTargets.ts';
import type { ErrorNode } from '../views/tree.ts';

/** What commands work with. They call the plane and return: the views change because the feed said so. */
export interface App {
  /** The plane of the current workspace. */
  plane: PlaneConnection;
  /** Which workspace this window is about. */
  current: CurrentWorkspace;
  /** What the person may do in it. */
  permissions: WorkspacePermissions;
  known: KnownPlanes;
  sessions: Sessions;
  planes: SharedPlanes;
  /** A client of a workspace, which need not be the current one. Throws `Unauthorized` where its plane does not let in. */
  clientAt(place: Place): Promise<PlaneClient>;
  submitTargets: SubmitTargets;
  jobs: JobsState;
  jobsView: TreeView<JobsNode | ErrorNode>;
  assets: Record<NamedKind, AssetsState>;
  /** What is in the registries of its plane. */
  registries: RegistriesState;
  machineModels: MachineModels;
  hubToken: HubToken;
  active: ActiveJobs;
  started: StartedJobs;
  panels: PagePanels;
  graphs: GraphPanels;
  files: JobFileSystem;
  previews: PreviewDocuments;
  texts: ShownTexts;
  sources: SourceFinder;
  problems: Problems;
  language: Language;
  log: LogOutputChannel;
  /** Folder of the installed extension. */
  extensionFolder: string;
  /** Shows in each view which filter it has. */
  showFilters(): void;
}

/** One command of the palette, a menu or a page. What it throws is shown to the user. */
export interface Command {
  id: `updraft.${string}.${string}`;
  run(app: App, ...args: unknown[]): unknown;
}
