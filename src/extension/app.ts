import { commands, type ExtensionContext, type LogOutputChannel, languages, lm, type TreeView, window, workspace } from 'vscode';
import { reportListenerErrors } from '../base/event.ts';
import { messageOf } from '../base/userError.ts';
import { PlaneClient } from '../client/planeClient.ts';
import { LocalModels } from './chat/localModels.ts';
import { allCommands } from './commands/all.ts';
import type { App } from './commands/command.ts';
import { registerCommands } from './commands/register.ts';
import { debugAdapters } from './debug/debugAdapters.ts';
import { endOfSession } from './debug/endOfSession.ts';
import { closeTabsOfJobs } from './documents/closeTabsOfJobs.ts';
import { JobFileSystem } from './documents/jobFileSystem.ts';
import { jobScheme } from './documents/jobUri.ts';
import { PreviewDocuments } from './documents/previewDocuments.ts';
import { ShownTexts } from './documents/shownTexts.ts';
import { SourceFinder } from './documents/sourceFinder.ts';
import { failedLogContext } from './editor/failedLogContext.ts';
import { followLogs, logLanguage } from './editor/followLog.ts';
import { LogLinks } from './editor/logLinks.ts';
import { Problems } from './editor/problems.ts';
import { SetupFold } from './editor/setupFold.ts';
import { Language } from './language/language.ts';
import { GraphPanels } from './panels/graphPanels.ts';
import { PagePanels } from './panels/pagePanels.ts';
import { SelectedJobView } from './panels/selectedJobView.ts';
import { dataFolderOfThisMachine, planeOfThisMachine } from './planeProcess.ts';
import { accounts } from './planes/accounts.ts';
import { finderOf } from './planes/finderOf.ts';
import { planesSetting, workspaceSetting } from './planes/keptSettings.ts';
import { ActiveJobs } from './state/activeJobs.ts';
import { AssetsState } from './state/assets.ts';
import { ExpandedRows } from './state/expandedRows.ts';
import { HubToken } from './state/hubToken.ts';
import { InfrastructureState } from './state/infrastructure.ts';
import { JobFeed } from './state/jobFeed.ts';
import { JobLogs } from './state/jobLogs.ts';
import { type JobsNode, JobsState } from './state/jobs.ts';
import { MachineModels } from './state/machineModels.ts';
import { Mentions } from './state/mentions.ts';
import { WorkspacePermissions } from './state/permissions.ts';
import { PlaneConnection } from './state/planeConnection.ts';
import { CurrentWorkspace } from './state/planes/currentWorkspace.ts';
import { KnownPlanes } from './state/planes/knownPlanes.ts';
import { isSamePlace, type Place, settingOf } from './state/planes/place.ts';
import { Sessions } from './state/planes/sessions.ts';
import type { Seen } from './state/planes/sharedPlane.ts';
import { SharedPlanes } from './state/planes/sharedPlanes.ts';
import { RegistriesState } from './state/registries.ts';
import { SchedulesState } from './state/schedules.ts';
import { SelectedJob } from './state/selectedJob.ts';
import { SharingRight } from './state/sharingRight.ts';
import { ShownJob } from './state/shownJob.ts';
import { StartedJobs } from './state/startedJobs.ts';
import { SubmitTargets } from './state/submitTargets.ts';
import { whenSyncing } from './sync/whenSyncing.ts';
import { agentTools } from './tools/agentTools.ts';
import { assetsTree } from './views/assetsTree.ts';
import { computeTree } from './views/computeTree.ts';
import { endNotices } from './views/endNotices.ts';
import { jobsTree, rowId } from './views/jobsTree.ts';
import { mentionsItem } from './views/mentionsItem.ts';
import { modelsTree } from './views/modelsTree.ts';
import { RetriedTree } from './views/retriedTree.ts';
import { rightsContext } from './views/rightsContext.ts';
import { schedulesTree } from './views/schedulesTree.ts';
import { signedOutNotice } from './views/signedOutNotice.ts';
import { staleItem, staleRows } from './views/stale.ts';
import { statusBar } from './views/statusBar.ts';
import { type ErrorNode, type Tree, TreeProvider } from './views/tree.ts';
import { viewMessages } from './views/viewMessages.ts';
import { workspaceGoneNotice } from './views/workspaceGoneNotice.ts';
import { workspacesTree } from './views/workspacesTree.ts';

const seenKey = 'planesSeen';
const startedKey = 'startedJobs';
const rowsKey = 'jobsRows';
const selectedKey = 'selectedJob';
const targetsKey = 'submitTargets';

/** Puts the extension together. Nothing is started or read here: the first view, command or restored tab connects. */
export function createApp(context: ExtensionContext, log: LogOutputChannel): void {
  const { subscriptions, extensionUri, extensionPath } = context;
  const keep = <T extends { dispose(): unknown }>(item: T): T => {
    subscriptions.push(item);
    return item;
  };
  const onError = (error: unknown) => log.error(messageOf(error));

  reportListenerErrors((error) => log.error('A listener failed.', error));

  const settings = () => workspace.getConfiguration('updraft');
  const ofThisMachine = (signal: AbortSignal) =>
    planeOfThisMachine(
      context.extension,
      {
        dataFolder: settings().get('dataFolder', ''),
        parallelSteps: settings().get('parallelSteps', 0),
        device: settings().get('device', 'auto'),
      },
      signal,
    );
  const known = keep(new KnownPlanes(planesSetting));
  const sessions = keep(new Sessions(context.secrets));
  const current = keep(new CurrentWorkspace(workspaceSetting(context.workspaceState)));
  const planes = keep(
    new SharedPlanes(known, sessions, {
      read: () => context.globalState.get<Record<string, Seen>>(seenKey, {}),
      write: (seen) => context.globalState.update(seenKey, seen).then(undefined, onError),
    }),
  );
  const finder = () => finderOf(current.place, ofThisMachine, known, sessions);
  const plane = keep(new PlaneConnection(finder(), log));
  const clientAt = async (place: Place) => {
    const { workspace: ref, ...connection } = await finderOf(place, ofThisMachine, known, sessions).find(new AbortController().signal);
    return new PlaneClient({ ...connection, ...(ref ? { workspace: ref.workspace } : {}) }, ref);
  };
  const submitTargets = keep(
    new SubmitTargets({
      read: () => context.workspaceState.get<Record<string, string>>(targetsKey, {}),
      write: (targets) => context.workspaceState.update(targetsKey, targets).then(undefined, onError),
    }),
  );
  keep(current.onDidChange(() => plane.moveTo(finder())));
  keep(
    sessions.onDidChange(({ added, removed }) => {
      if ([...added, ...removed].some((each) => each.plane === current.place.plane)) plane.again();
    }),
  );
  keep(
    known.onDidChange(() => {
      if (plane.state === 'failed' && !current.isHere) plane.again();
    }),
  );
  keep(accounts(known, sessions, onError));
  keep(signedOutNotice(plane, () => current.place.plane, onError));
  keep(workspaceGoneNotice(plane, () => current.place.plane, onError));
  const permissions = keep(new WorkspacePermissions(plane, onError));
  keep(rightsContext(permissions, onError));
  keep(
    keep(new SharingRight(plane, onError)).onDidChange((may) =>
      commands.executeCommand('setContext', 'updraft.mayNot.shareAssets', !may).then(undefined, onError),
    ),
  );
  keep(staleRows());
  /** What is kept for the jobs of one workspace is of no use in another. */
  const ofPlace = (key: string) => [key, settingOf(current.place)].filter(Boolean).join(' ');
  const feed = keep(new JobFeed(plane, onError));
  const jobs = keep(new JobsState(plane, feed, onError));
  const active = keep(new ActiveJobs(plane, feed, onError));
  const schedules = keep(new SchedulesState(plane, feed));
  const infrastructure = keep(new InfrastructureState(plane));
  const started = keep(
    new StartedJobs(
      plane,
      feed,
      {
        read: () => context.workspaceState.get<string[]>(ofPlace(startedKey), []),
        write: (names) => context.workspaceState.update(ofPlace(startedKey), names).then(undefined, onError),
      },
      onError,
    ),
  );
  const assetsOf = (kind: AssetsState['kind']) => keep(new AssetsState(kind, plane, onError));
  const assets = {
    models: assetsOf('models'),
    data: assetsOf('data'),
    environments: assetsOf('environments'),
    components: assetsOf('components'),
  };

  const registries = keep(new RegistriesState(plane, { onError, logger: log }));

  const machineModels = keep(new MachineModels(plane));
  const hubToken = new HubToken(context.secrets);

  const view = <N extends object>(name: string, tree: Tree<N>, options: { canSelectMany?: boolean } = {}): TreeView<N | ErrorNode> =>
    keep(
      window.createTreeView(`updraft.${name}`, {
        treeDataProvider: keep(
          new TreeProvider(keep(new RetriedTree(tree, plane, name === 'workspaces' ? {} : { drawStale: staleItem })), onError),
        ),
        showCollapseAll: true,
        ...options,
      }),
    );
  const rows = new ExpandedRows({
    read: () => context.workspaceState.get(rowsKey, { open: [], closed: [] }),
    write: (now) => context.workspaceState.update(rowsKey, now).then(undefined, onError),
  });
  const jobsView = view('jobs', jobsTree(jobs, active, rows), { canSelectMany: true });
  const noteRow = (node: JobsNode | ErrorNode, isOpen: boolean) => {
    const id = node.kind === 'error' ? undefined : rowId(node);
    if (id) rows.note(id, isOpen);
  };
  // Metrics are followed only while rows of running jobs can be seen.
  const watchFigures = () => jobs.figures.watch(jobsView.visible && active.count > 0);
  keep(jobsView.onDidChangeVisibility(watchFigures));
  keep(active.onDidChange(watchFigures));
  keep(jobsView.onDidExpandElement(({ element }) => noteRow(element, true)));
  keep(jobsView.onDidCollapseElement(({ element }) => noteRow(element, false)));
  const workspacesView = view('workspaces', workspacesTree(infrastructure, current, known, planes, registries));
  keep(
    workspacesView.onDidChangeVisibility(({ visible }) => {
      planes.watch(visible);
      registries.watch(visible);
    }),
  );
  const placeText = () => {
    const { plane: url, workspace: name } = current.place;
    return url === undefined ? { label: name, isHere: true } : { label: `${name} (${known.nameOf(url)})`, isHere: false };
  };
  const messages = keep(
    viewMessages(
      plane,
      jobs,
      assets,
      {
        jobs: jobsView,
        models: view('models', modelsTree(assets.models, machineModels)),
        assets: view('assets', assetsTree([assets.data, assets.environments, assets.components])),
        schedules: view('schedules', schedulesTree(schedules)),
        workspaces: workspacesView,
        compute: view('compute', computeTree(infrastructure)),
      },
      placeText,
      onError,
    ),
  );
  keep(plane.onDidMove(messages.update));

  const logs = keep(new JobLogs(plane, onError));
  const files = new JobFileSystem(plane, logs);
  keep(files.follow());
  keep(plane.onDidMove(() => closeTabsOfJobs().catch(onError)));
  keep(workspace.registerFileSystemProvider(jobScheme, files, { isCaseSensitive: true, isReadonly: true }));
  const previews = keep(new PreviewDocuments(plane));
  const texts = keep(new ShownTexts());
  const sources = new SourceFinder();
  keep(languages.registerDocumentLinkProvider({ scheme: jobScheme }, new LogLinks(sources)));
  keep(languages.registerFoldingRangeProvider({ scheme: jobScheme, language: logLanguage }, new SetupFold(plane, logs)));
  keep(followLogs(onError));
  keep(failedLogContext(keep(new ShownJob(plane, feed)), log));
  const problems = keep(new Problems());
  const language = keep(
    new Language(extensionPath, log, () => ({
      dataFolder: dataFolderOfThisMachine(settings().get('dataFolder', '')),
      plane:
        plane.isShared && plane.connection
          ? { url: plane.connection.url, token: plane.connection.token, workspace: plane.workspace }
          : null,
      hasCommands: true,
      submitTo: known.all.length === 0 ? null : targetNames(submitTargets, known, current.place),
      docs: extensionUri.toString(),
      severities: settings().get('diagnostics.severity', {}),
    })),
  );
  // Names of the workspace are offered, and which one it is is known when it was reached.
  keep(plane.onDidMove(() => language.configure(submitTargets.files)));
  keep(plane.onDidChangeState((state) => state === 'live' && plane.isShared && language.configure()));
  // A plane has another name, or is the first one or none any more: then all jobs have another lens.
  keep(known.onDidChange(() => language.configure(workspace.textDocuments.map(({ uri }) => uri.toString()))));
  keep(submitTargets.onDidChange((uri) => language.configure([uri])));
  const panels = keep(new PagePanels(extensionUri, plane, permissions, feed, hubToken.read, onError));
  const selected = keep(
    new SelectedJob({
      read: () => context.workspaceState.get(ofPlace(selectedKey), ''),
      write: (name) => context.workspaceState.update(ofPlace(selectedKey), name).then(undefined, onError),
    }),
  );
  keep(panels.onDidActivateJob((name) => selected.select(name)));
  keep(
    jobsView.onDidChangeSelection(({ selection }) => {
      // Of several, the one that was selected last.
      const node = selection.findLast((each) => each.kind === 'job');
      if (node) selected.select(node.name);
    }),
  );
  keep(window.registerWebviewViewProvider('updraft.selectedJob', new SelectedJobView(extensionUri, plane, permissions, selected, onError)));
  const graphs = keep(new GraphPanels(extensionUri, language, onError));
  const status = keep(
    statusBar(plane, active, () => ({
      workspace: current.place.workspace,
      plane: current.place.plane === undefined ? undefined : known.nameOf(current.place.plane),
    })),
  );
  keep(mentionsItem(keep(new Mentions(plane, onError))));
  const dataFolderSetting = () => settings().get('dataFolder', '');
  const dataFolder = () => dataFolderOfThisMachine(dataFolderSetting());
  keep(whenSyncing(known, { extensionFolder: extensionPath, dataFolder, dataFolderSetting, known, sessions, logger: log }, log));
  keep(
    known.onDidChange(() => {
      status.update();
      messages.update();
    }),
  );
  // Editors of these files offer the page of the job that runs.
  keep(active.onDidChange(() => commands.executeCommand('setContext', 'updraft.filesOfJobs', active.files).then(undefined, onError)));
  keep(
    window.registerUriHandler({
      handleUri({ path, query }) {
        commands.executeCommand('updraft.page.openLink', path, query).then(undefined, onError);
      },
    }),
  );
  keep(debugAdapters());
  // As the package names it.
  keep(lm.registerLanguageModelChatProvider('updraft', keep(new LocalModels(plane))));
  keep(agentTools(context.extension, plane));
  keep(endOfSession(() => plane.client(), log));
  keep(endNotices(started, (job) => panels.shows(job), onError));

  const app: App = {
    plane,
    current,
    permissions,
    known,
    sessions,
    planes,
    clientAt,
    submitTargets,
    jobs,
    jobsView,
    assets,
    registries,
    machineModels,
    hubToken,
    active,
    started,
    panels,
    graphs,
    files,
    previews,
    texts,
    sources,
    problems,
    language,
    log,
    extensionFolder: extensionPath,
    showFilters: messages.update,
  };
  subscriptions.push(...registerCommands(app, allCommands));
  // A job that was started before a reload of the window still wants its notice.
  if (context.workspaceState.get<string[]>(ofPlace(startedKey), []).length > 0) plane.client().catch(onError);
  commands.executeCommand('setContext', 'updraft.isActive', true).then(undefined, onError);
}

/** What the workspaces other than the current one are called that files were last submitted to, by the uri of the file. */
function targetNames(targets: SubmitTargets, known: KnownPlanes, current: Place): Record<string, string> {
  return Object.fromEntries(
    targets.files.flatMap((uri) => {
      const place = targets.of(uri);
      return place && !isSamePlace(place, current)
        ? [[uri, place.plane === undefined ? 'this machine' : `${place.workspace} (${known.nameOf(place.plane)})`]]
        : [];
    }),
  );
}
