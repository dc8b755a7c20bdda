import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import type { GpuLibraries } from '../../machine/gpuLibraries.ts';
import type { Gpu } from '../../machine/gpus.ts';

/** What an engine computes on. */
export type Device = 'cpu' | 'cuda' | 'vulkan' | 'metal';
export const devices = ['auto', 'cpu', 'cuda', 'vulkan', 'metal'] as const;

/** What is computed on here, what that takes, and why it is not more. */
export interface DeviceChoice {
  device: Device;
  /** The packages of compiled code, as the natives of the lock are named. The first one computes on the processor, and is there for when the GPU can't be used. */
  natives: string[];
  /** Folders of libraries that the engine's process needs. */
  libraries: string[];
  /** What would make a GPU of this machine of use. */
  advice?: string;
}

export interface Here {
  platform: NodeJS.Platform;
  arch: string;
  gpus: readonly Gpu[];
  libraries: GpuLibraries;
  /** What was tried, and does not work. */
  unusable?: ReadonlySet<Device>;
}

/**
 * Chooses what language models are computed on. By itself it takes a GPU only where its software is there already: then a build for it is a download of some 25 MB (Vulkan) to 190 MB (CUDA),
 * and never NVIDIA's libraries of gigabytes. `wanted` is what the user has set. Throws where that can't be, and for a machine that the engine has no build for.
 */
export function deviceFor(
  wanted: 'auto' | Device,
  { platform, arch, gpus, libraries, unusable = new Set() }: Here,
  known: readonly string[],
): DeviceChoice {
  const system = platform === 'darwin' ? 'mac' : platform === 'win32' ? 'win' : platform;
  const isApple = system === 'mac' && arch === 'arm64';
  const base = isApple ? 'mac-arm64-metal' : `${system}-${arch === 'arm' ? 'armv7l' : arch}`;
  if (!known.includes(base))
    throw new UserError(
      'NotImplemented',
      `The engine for language models has no build for ${base}.`,
      'Use a server that runs elsewhere: Ollama, LM Studio, or any address with the OpenAI API.',
    );
  const processor: DeviceChoice = { device: 'cpu', natives: [base], libraries: [] };
  const [nvidia] = gpus.filter(({ maker }) => maker === 'nvidia');
  const cuda = libraries.cuda.find(({ version }) => isDriverFor(version, nvidia?.driver));
  // The build for CUDA 12 comes as an addition to the one for CUDA 13.
  const withCuda = (): DeviceChoice => ({
    device: 'cuda',
    natives: [base, `${base}-cuda`, ...(cuda?.version === 12 ? [`${base}-cuda-ext`] : [])],
    libraries: cuda?.folders ?? [],
  });
  const withVulkan = (): DeviceChoice => ({ device: 'vulkan', natives: [base, `${base}-vulkan`], libraries: [] });
  const has = (native: string) => known.includes(`${base}-${native}`);
  const refuse = (why: string, what: string): never => {
    throw new UserError('InvalidValue', `Language models can't be computed on ${wanted} here: ${why}`, what);
  };

  if (wanted === 'cpu') return processor;
  if (wanted === 'metal' || (wanted === 'auto' && isApple && !unusable.has('metal')))
    return isApple ? { ...processor, device: 'metal' } : refuse("Metal is of Apple's processors.", 'Choose auto.');
  if (wanted === 'cuda') {
    if (!has('cuda')) refuse(`there is no build for ${base}.`, 'Choose auto.');
    if (!nvidia) refuse('nvidia-smi tells of no GPU.', "Install NVIDIA's driver, or choose auto.");
    return cuda ? withCuda() : refuse('no CUDA is there that its driver can run (the libraries cudart and cuBLAS).', cudaAdvice);
  }
  if (wanted === 'vulkan') {
    if (!has('vulkan')) refuse(`there is no build for ${base}.`, 'Choose auto.');
    return libraries.vulkan ? withVulkan() : refuse("Vulkan's loader is not there.", vulkanAdvice);
  }
  if (nvidia && has('cuda') && cuda && !unusable.has('cuda')) return withCuda();
  if (gpus.length && has('vulkan') && libraries.vulkan && !unusable.has('vulkan')) return withVulkan();
  const [first] = gpus;
  const [tried] = [...unusable];
  if (first && tried)
    return {
      ...processor,
      advice: `${first.name} is not used: a model could not be computed on it through ${tried}. A newer driver may help.`,
    };
  if (!first || !has('vulkan')) return processor;
  return {
    ...processor,
    advice: `${first.name} is not used. ${first.maker === 'nvidia' ? `${vulkanAdvice} Or: ${cudaAdvice}` : vulkanAdvice}`,
  };
}

/** The engine without a GPU. */
export const onProcessor = (known: readonly string[], platform = process.platform, arch: string = process.arch): DeviceChoice =>
  deviceFor('cpu', { platform, arch, gpus: [], libraries: { cuda: [], vulkan: false } }, known);

const cudaAdvice = 'Install the runtime of CUDA 13 with cuBLAS (of CUDA 12 where the driver is older than 580).';
const vulkanAdvice =
  "Install Vulkan's loader: on Debian and Ubuntu the package libvulkan1, elsewhere the driver of the graphics card has it.";

/** The oldest drivers that run programs of a CUDA: https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/ (table 2, minor version compatibility). */
const isDriverFor = (cuda: 12 | 13, driver: string | undefined): boolean =>
  driver === undefined || Number.parseFloat(driver) >= (cuda === 13 ? 580 : 525);

/** The variables by which a process finds the libraries of these folders before others; none where there are no folders. */
export function libraryVariables(
  environment: Readonly<Record<string, string | undefined>>,
  folders: readonly string[],
  platform = process.platform,
): Record<string, string> {
  if (folders.length === 0) return {};
  const name = platform === 'win32' ? (Object.keys(environment).find((key) => /^path$/i.test(key)) ?? 'PATH') : 'LD_LIBRARY_PATH';
  return { [name]: [...folders, environment[name]].filter(Boolean).join(path.delimiter) };
}
