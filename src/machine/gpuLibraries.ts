import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** What programs for GPUs find on this machine. */
export interface GpuLibraries {
  /** Each CUDA whose runtime and cuBLAS are there, the newest first, and the folders that have them. NVIDIA's driver alone has neither. */
  cuda: { version: 12 | 13; folders: string[] }[];
  /** The loader of Vulkan, which drivers of all makers bring along on desktops. */
  vulkan: boolean;
}

/** Folders of a CUDA toolkit, newest first: below `/usr/local` on Linux, below the program files on Windows. */
async function toolkits(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const place =
    platform === 'win32'
      ? path.join(environment.ProgramFiles ?? 'C:\\Program Files', 'NVIDIA GPU Computing Toolkit', 'CUDA')
      : '/usr/local';
  const names = (await readdir(place).catch(() => [])).filter((each) => (platform === 'win32' ? /^v\d/ : /^cuda(-\d.*)?$/).test(each));
  const found = names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true })).map((each) => path.join(place, each));
  return [...(environment.CUDA_PATH ? [environment.CUDA_PATH] : []), ...found];
}

/** Where the system's loader looks, and where toolkits put their libraries. */
async function placesOf(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const kits = await toolkits(platform, environment);
  const split = (text: string | undefined) => (text ?? '').split(path.delimiter).filter(Boolean);
  if (platform === 'win32')
    return [
      ...split(environment.PATH ?? environment.Path),
      ...kits.flatMap((kit) => [path.join(kit, 'bin', 'x64'), path.join(kit, 'bin')]),
      path.join(environment.SystemRoot ?? 'C:\\Windows', 'System32'),
    ];
  return [
    ...split(environment.LD_LIBRARY_PATH),
    ...kits.flatMap((kit) => [path.join(kit, 'lib64'), path.join(kit, 'targets', 'x86_64-linux', 'lib')]),
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
    '/lib/x86_64-linux-gnu',
  ];
}

/** Looks for the libraries by the names that programs load them by. */
export async function gpuLibraries(
  environment: NodeJS.ProcessEnv,
  platform = process.platform,
  places?: readonly string[],
): Promise<GpuLibraries> {
  const folders = [...new Set(places ?? (await placesOf(platform, environment)))];
  const contents = await Promise.all(folders.map(async (folder) => new Set(await readdir(folder).catch(() => []))));
  const folderOf = (file: string) => folders[contents.findIndex((each) => each.has(file))];
  const names = (version: number) =>
    platform === 'win32'
      ? [`cudart64_${version}.dll`, `cublas64_${version}.dll`, `cublasLt64_${version}.dll`]
      : [`libcudart.so.${version}`, `libcublas.so.${version}`, `libcublasLt.so.${version}`];
  const vulkan = folderOf(platform === 'win32' ? 'vulkan-1.dll' : 'libvulkan.so.1') !== undefined;
  const cuda = ([13, 12] as const).flatMap((version) => {
    const found = names(version).map(folderOf);
    return found.every((each) => each !== undefined) ? [{ version, folders: [...new Set(found)] }] : [];
  });
  return { cuda, vulkan };
}
