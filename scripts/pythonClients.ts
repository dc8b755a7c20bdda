import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '../src/runner/environments/pythonInterpreter.ts';
import { cacheFolder } from './cacheFolder.ts';
import { runCommand } from './runCommand.ts';

/** MLflow's own client, as training scripts install it. */
export const mlflowSkinny = (): Promise<string> => pythonClient('mlflow-skinny', ['mlflow-skinny>=3,<4']);

/** MLflow whole, with its own server to compare with. */
export const mlflowWhole = (): Promise<string> => pythonClient('mlflow', ['mlflow>=3.17,<4', 'matplotlib', 'psutil']);

/** Azure ML's own SDK, with the credential that its scripts use. */
export const azureAiMl = (): Promise<string> => pythonClient('azure-ai-ml', ['azure-ai-ml==1.35.2', 'azure-identity>=1.27,<2']);

/** Azure's own client for roles. */
export const azureAuthorization = (): Promise<string> =>
  pythonClient('azure-mgmt-authorization', ['azure-mgmt-authorization>=4,<5', 'azure-identity>=1.27,<2']);

/** `az`, without the extension `ml`, which is on no registry. */
export const azureCli = (): Promise<string> => pythonClient('azure-cli', ['azure-cli>=2.91,<3']);

/** A workflow engine to compare the runner's overhead with. */
export const snakemake = (): Promise<string> => pythonClient('snakemake', ['snakemake>=8,<10']);

/**
 * llama.cpp as Python has it, to compare with. PyPI has its source alone: to build it takes minutes, and a C++ compiler. Made for this processor, but for AMX: virtual machines name it
 * among what they can, and refuse it.
 */
export function llamaCppPython(): Promise<string> {
  const withoutAmx = '-mno-amx-tile -mno-amx-int8 -mno-amx-bf16';
  const settings = [
    '-DGGML_NATIVE=ON',
    `-DCMAKE_C_FLAGS="${withoutAmx}"`,
    `-DCMAKE_CXX_FLAGS="${withoutAmx}"`,
    '-DMTMD_BUILD=OFF',
    '-DLLAMA_BUILD_TOOLS=OFF',
  ];
  return pythonClient(
    'llama-cpp-python',
    ['llama-cpp-python==0.3.36'],
    console.error,
    process.arch === 'x64' ? { CMAKE_ARGS: settings.join(' ') } : {},
  );
}

/** The engine of ONNX models as Python has it, to compare with: of the same release as ours where PyPI has that. */
export const onnxruntime = (): Promise<string> => pythonClient('onnxruntime', ['onnxruntime==1.30.0', 'numpy']);

type Progress = (line: string) => void;

/**
 * The Python of a virtual environment with these packages, made in the cache folder when there is none (seconds with uv, else minutes). Its programs are run as
 * `python -m …`. It gets its final name when it is complete, so that neither an interrupted nor a simultaneous run can spoil it.
 */
export async function pythonClient(
  name: string,
  requirements: string[],
  progress: Progress = console.error,
  variables: Record<string, string> = {},
): Promise<string> {
  const interpreter = await findPython(undefined, process.env as Record<string, string>);
  const key = createHash('sha256')
    .update(JSON.stringify([interpreter, requirements, ...Object.values(variables)]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), `python-${name}-${key}`);
  const python = (root: string) => (process.platform === 'win32' ? join(root, 'Scripts', 'python.exe') : join(root, 'bin', 'python'));
  if (existsSync(folder)) return python(folder);

  progress(`Python environment ${name}: installing ${requirements.join(', ')} ...`);
  const uv = await findUv(interpreter.path, progress);
  await inOneStep(folder, async (work) => {
    if (uv) {
      await runCommand(uv, ['venv', '--no-python-downloads', '--relocatable', '--python', interpreter.path, work]);
      await runCommand(uv, ['pip', 'install', '--python', python(work), ...requirements], { env: { ...process.env, ...variables } });
    } else {
      await runCommand(interpreter.path, ['-m', 'venv', work]);
      await runCommand(python(work), ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', ...requirements], {
        env: { ...process.env, ...variables },
      });
    }
  });
  return python(folder);
}

/** uv on the PATH, else from PyPI; undefined where neither can be had. */
export async function findUv(python: string, progress: Progress): Promise<string | undefined> {
  try {
    await runCommand('uv', ['--version']);
    return 'uv';
  } catch {
    // Not installed: PyPI has it.
  }
  const folder = join(cacheFolder(), `uv-${process.platform}-${process.arch}`);
  const own = process.platform === 'win32' ? join(folder, 'bin', 'uv.exe') : join(folder, 'bin', 'uv');
  try {
    if (!existsSync(folder)) {
      progress('Getting uv ...');
      await inOneStep(folder, (work) =>
        runCommand(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--target', work, 'uv']),
      );
    }
    return existsSync(own) ? own : undefined;
  } catch (error) {
    progress(`uv could not be had, pip does instead: ${(error as Error).message.split('\n').slice(-2).join(' ')}`);
    return undefined;
  }
}

/** Makes a folder under another name and renames it when it is complete; of several that do so at once the first one stays. */
export async function inOneStep(folder: string, make: (work: string) => Promise<unknown>): Promise<void> {
  const work = `${folder}.part-${process.pid}`;
  await mkdir(cacheFolder(), { recursive: true });
  await rm(work, { recursive: true, force: true });
  try {
    await make(work);
    await rename(work, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
