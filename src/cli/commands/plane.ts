import { formatBytes } from '../../base/text.ts';
import { PlaneClient } from '../../client/planeClient.ts';
import { findPlane } from '../../plane/ensurePlane.ts';
import type { Command } from '../command.ts';
import { connect, dataFolder } from '../connect.ts';
import { text } from '../options.ts';
import { factsOf, print, timeOf } from '../print.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Says whether the control plane runs, and where. Exits with 1 when it does not.',
  usage: '[--data DIR]',
  options: {},
  async run(parsed) {
    const lock = await findPlane(dataFolder(parsed));
    if (!lock) {
      print(
        parsed,
        { running: false, dataFolder: dataFolder(parsed) },
        () => 'The control plane does not run. "updraft job submit" or VS Code starts it, or "updraft serve".',
      );
      return 1;
    }
    const status = await new PlaneClient(lock).status();
    const studio = `${lock.url}/studio/?token=${lock.token}`;
    print(parsed, { running: true, url: lock.url, studio, ...status }, () =>
      factsOf([
        ['address', lock.url],
        ['studio', studio],
        ['jobs', `${status.runningJobs} running, ${status.queuedJobs} queued`],
        ['clients', String(status.clients)],
        ['data folder', status.dataFolder],
        ['process', `${status.pid}, ${formatBytes(status.residentBytes)}, since ${timeOf(status.startedAt)}`],
        ['version', status.version],
      ]),
    );
    return 0;
  },
};

export const stopCommand: Command = {
  name: 'stop',
  summary: 'Ends the control plane. Running jobs go on and are found again.',
  usage: '[--data DIR]',
  options: {},
  async run(parsed) {
    const lock = await findPlane(dataFolder(parsed));
    if (lock) await new PlaneClient(lock).stop();
    print(parsed, { stopped: Boolean(lock) }, () => (lock ? 'The control plane ends.' : 'The control plane does not run.'));
  },
};

export const envCommand: Command = {
  name: 'env',
  summary: 'Prints the variables that point MLflow at this control plane, which is started when it is not up.',
  usage: '[--shell sh|fish|powershell]',
  options: { shell: { type: 'string' } },
  async run(parsed) {
    const { lock } = await connect(parsed);
    const variables = { MLFLOW_TRACKING_URI: lock.url, MLFLOW_TRACKING_TOKEN: lock.token, UPDRAFT_URL: lock.url };
    const shell = text(parsed, 'shell') ?? 'sh';
    const line = ([key, value]: [string, string]) =>
      shell === 'powershell' ? `$env:${key} = '${value}'` : shell === 'fish' ? `set -gx ${key} '${value}'` : `export ${key}='${value}'`;
    print(parsed, variables, () => Object.entries(variables).map(line).join('\n'));
  },
};
