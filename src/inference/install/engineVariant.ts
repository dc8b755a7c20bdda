import { UserError } from '../../base/userError.ts';

/** What an engine computes on. `metal` is what Apple's processors have, without a download of its own. */
export type Device = 'cpu' | 'cuda' | 'vulkan';

/** The packages of compiled code for a machine, as the natives of the lock are named; the first is always needed. Throws for a machine that has none. */
export function nativesFor(device: Device, platform: NodeJS.Platform, arch: string, known: readonly string[]): string[] {
  const system = platform === 'darwin' ? 'mac' : platform === 'win32' ? 'win' : platform;
  const base = system === 'mac' && arch === 'arm64' ? 'mac-arm64-metal' : `${system}-${arch === 'arm' ? 'armv7l' : arch}`;
  const wanted = device === 'cuda' ? [base, `${base}-cuda`, `${base}-cuda-ext`] : device === 'vulkan' ? [base, `${base}-vulkan`] : [base];
  const missing = wanted.find((each) => !known.includes(each));
  if (missing !== undefined)
    throw new UserError(
      'NotImplemented',
      `The engine for language models has no build for ${missing}.`,
      'Use a server that runs elsewhere: Ollama, LM Studio, or any address with the OpenAI API.',
    );
  return wanted;
}
