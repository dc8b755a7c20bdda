import { DebugAdapterExecutable, type Disposable, debug } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { debugType } from './debugType.ts';

/** Starts the debug adapter of a session: debugpy itself, on the Python of the job. */
export const debugAdapters = (): Disposable =>
  debug.registerDebugAdapterDescriptorFactory(debugType, {
    createDebugAdapterDescriptor({ configuration: { python, adapter } }) {
      if (!Array.isArray(python) || typeof python[0] !== 'string' || typeof adapter !== 'string')
        throw new UserError('InvalidArgument', 'A job is debugged with "Run Again under the Debugger" in its menu, not from launch.json.');
      return new DebugAdapterExecutable(python[0], [adapter]);
    },
  });
