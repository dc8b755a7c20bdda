import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where npm packages come from, and what opens it. */
export interface NpmRegistry {
  /** With a final slash. */
  url: string;
  token?: string;
}

/** The registry that npm itself would ask: `npm_config_registry`, then `registry=` of the user's `.npmrc`, then npm's own. */
export async function npmRegistryOf(env: Readonly<Record<string, string | undefined>>, home: string): Promise<NpmRegistry> {
  const settings = settingsOf(
    await readFile(env.NPM_CONFIG_USERCONFIG || env.npm_config_userconfig || path.join(home, '.npmrc'), 'utf8').catch(() => ''),
    env,
  );
  const named = env.npm_config_registry || env.NPM_CONFIG_REGISTRY || settings.get('registry') || 'https://registry.npmjs.org/';
  const url = named.endsWith('/') ? named : `${named}/`;
  const token = settings.get(`${url.replace(/^https?:/, '')}:_authToken`);
  return { url, ...(token ? { token } : {}) };
}

/** `NAME=VALUE` a line, with `${VARIABLE}` in values, as npm reads it. */
function settingsOf(text: string, env: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined)
      settings.set(
        name,
        value!.replace(/\$\{(\w+)\}/g, (all, variable: string) => env[variable] ?? all),
      );
  }
  return settings;
}

/** What is sent along with a question at an address: the registry's token to the registry alone. */
export const headersFor = ({ url, token }: NpmRegistry, address: string): Record<string, string> =>
  token && new URL(address).origin === new URL(url).origin ? { authorization: `Bearer ${token}` } : {};

/** The address of a package's tarball. */
export const tarballAddress = (registry: NpmRegistry, name: string, version: string): string =>
  `${registry.url}${name}/-/${name.slice(name.lastIndexOf('/') + 1)}-${version}.tgz`;
