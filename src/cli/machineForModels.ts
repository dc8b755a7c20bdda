import type { Machine } from '../catalog/fit.ts';
import { thisMachine } from '../catalog/thisMachine.ts';
import { InferenceMachine } from '../inference/inferenceMachine.ts';
import { devices } from '../inference/install/engineDevice.ts';
import lock from '../inference/install/llamaPackages.json' with { type: 'json' };

/** This machine as the plane's language models will see it. Where no engine runs, models can be listed and got all the same. */
export function machineForModels(environment: NodeJS.ProcessEnv = process.env): Promise<Machine> {
  const wanted = devices.find((each) => each === environment.UPDRAFT_DEVICE) ?? 'auto';
  return new InferenceMachine(wanted, environment, lock).machine().catch(() => thisMachine());
}
