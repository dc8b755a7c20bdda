import { UserError } from '../../base/userError.ts';
import { type EnginePlan, planOf } from './installEngine.ts';
import lock from './onnxPackages.json' with { type: 'json' };
import type { PackageLock } from './packageLock.ts';

/** The engine for ONNX models, which computes on the processor. Below `engines`, a folder that all workspaces share. Throws for a machine that it has no compiled code for. */
export function onnxEngine(engines: string, platform: NodeJS.Platform = process.platform, arch: string = process.arch): EnginePlan {
  const { natives } = lock as PackageLock;
  const native = `${platform}-${arch}`;
  if (!Object.hasOwn(natives, native))
    throw new UserError(
      'NotImplemented',
      `${lock.engine} ${lock.version}, which runs ONNX models, has no build for ${native}: there are ${Object.keys(natives).join(', ')}.`,
      'Use another machine, or a server with the OpenAI API that runs elsewhere.',
    );
  return planOf(lock, [native], 'ONNX models', engines);
}
