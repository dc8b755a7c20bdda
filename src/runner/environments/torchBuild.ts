import { existsSync } from 'node:fs';
import { packageOf } from '../../spec/pipLine.ts';

/** Where torch has its builds for processors alone. PyPI has none for Linux: there torch brings 2 GB of NVIDIA's libraries, 5 GB on disk. */
const place = 'https://download.pytorch.org/whl/cpu/';
/** Milliseconds: without an answer by then, PyPI's build is taken. */
const patience = 5000;
/** What there is where NVIDIA's driver is, in Windows' Linux too. */
const signsOfNvidia = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/usr/lib/wsl/lib/nvidia-smi'];

export interface TorchBuildOptions {
  packages: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Edges, replaced in tests. */
  platform?: string;
  exists?: (path: string) => boolean;
}

/** Whether packages are better installed with torch's build for processors: Linux without an NVIDIA GPU, and nobody has said where packages come from. */
export function prefersProcessorTorch({
  packages,
  environment,
  platform = process.platform,
  exists = existsSync,
}: TorchBuildOptions): boolean {
  if (platform !== 'linux' || environment.UV_TORCH_BACKEND || environment.UV_OVERRIDE) return false;
  if (packages.some((line) => /^-/.test(line.trim()) && /index|find-links/.test(line))) return false;
  return packages.some((line) => /^torch(?:vision|audio)?$/.test(packageOf(line) ?? '')) && !signsOfNvidia.some(exists);
}

/** The variables with which uv takes that build, where its place can be reached. */
export async function processorTorch(onLine: (line: string) => void, ask: typeof fetch = fetch): Promise<Record<string, string>> {
  try {
    const answer = await ask(place, { method: 'HEAD', signal: AbortSignal.timeout(patience) });
    if (answer.ok) {
      onLine("This machine has no NVIDIA GPU: torch's build for processors is taken, without 2 GB of NVIDIA's libraries.");
      return { UV_TORCH_BACKEND: 'cpu' };
    }
  } catch {
    // As without an answer that is good.
  }
  onLine(
    `This machine has no NVIDIA GPU, but torch's smaller build for processors can't be reached at ${place}: PyPI's is taken, with its 2 GB of NVIDIA's libraries.`,
  );
  return {};
}
