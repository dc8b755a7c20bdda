import { ConfigurationTarget, Disposable, type Memento, workspace } from 'vscode';

const section = 'updraft';

const onDidChange = (key: string) => (listener: () => void) =>
  workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${section}.${key}`)) listener();
  });

/** The setting `updraft.planes` of the person. */
export const planesSetting = {
  read: (): unknown => workspace.getConfiguration(section).get('planes'),
  write: (planes: Record<string, string>): PromiseLike<void> =>
    workspace.getConfiguration(section).update('planes', planes, ConfigurationTarget.Global),
  onDidChange: onDidChange('planes'),
};

/** The setting `updraft.workspace` of the folder. A window without a folder, or with one that is not trusted, keeps the choice for itself: nothing is written into such a folder, and nothing of it is believed. */
export function workspaceSetting(state: Memento) {
  const key = 'workspace';
  const isFolders = () => (workspace.workspaceFolders?.length ?? 0) > 0 && workspace.isTrusted;
  return {
    read: (): unknown => (isFolders() ? workspace.getConfiguration(section).get(key) : (state.get(key) ?? '')),
    write(setting: string): PromiseLike<void> {
      if (!isFolders()) return state.update(key, setting);
      const configuration = workspace.getConfiguration(section);
      // Nothing is said where the choice is the usual one.
      const value = setting === (configuration.inspect(key)?.globalValue ?? '') ? undefined : setting;
      return configuration.update(key, value, ConfigurationTarget.Workspace);
    },
    onDidChange(listener: () => void) {
      const subscriptions = [onDidChange(key)(listener), workspace.onDidGrantWorkspaceTrust(listener)];
      return Disposable.from(...subscriptions);
    },
  };
}
