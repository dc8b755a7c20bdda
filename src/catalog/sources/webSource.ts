import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { downloadFromWeb } from '../../transfer/web/downloadFromWeb.ts';
import { asUnreachable, type Web, WebAddress } from '../../transfer/web/webAddress.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { isModelFile } from '../headers/readHeader.ts';
import { isBelow } from '../storedModels.ts';
import type { FoundModel, ModelSource } from './modelSource.ts';

/** A model file at an address of the web. */
export class WebSource implements ModelSource {
  private readonly url: string;
  private readonly sha256: string | undefined;
  private readonly web: Web;

  /** `sha256`: what the file must have, in hex. */
  constructor(url: string, sha256: string | undefined, web: Web) {
    this.url = url;
    this.sha256 = sha256;
    this.web = web;
  }

  async find(signal?: AbortSignal): Promise<FoundModel> {
    const address = new WebAddress(this.url, this.web, { isVerified: this.sha256 !== undefined });
    const name = decodeURIComponent(path.posix.basename(address.url.pathname));
    if (!isModelFile(name) || !isBelow(name))
      throw new UserError(
        'InvalidArgument',
        `${address.shown} does not end in .gguf, .safetensors or .onnx.`,
        'Only such files are safe to load. Give the address of the file itself.',
      );
    const bytes = await sizeAt(address, signal);
    return {
      name,
      source: address.url.href,
      files: [
        {
          name,
          bytes,
          downloadBytes: bytes,
          sha256: this.sha256,
          save: (target, { signal, onProgress }) =>
            downloadFromWeb({ url: this.url, hash: this.sha256, size: bytes }, target, { web: this.web, signal, onProgress }),
        },
      ],
    };
  }
}

/** How many bytes there are at an address, of which one is asked for. */
async function sizeAt(address: WebAddress, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    const response = await withRetries(() => address.open({ range: 'bytes=0-0' }, signal), { signal });
    await response.body?.cancel().catch(() => {});
    const said = response.status === 206 ? response.headers.get('content-range')?.split('/')[1] : response.headers.get('content-length');
    return said && /^\d+$/.test(said) ? Number(said) : undefined;
  } catch (error) {
    throw asUnreachable(error, address.shown);
  }
}
