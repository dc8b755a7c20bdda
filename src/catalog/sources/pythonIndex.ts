import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { readText } from '../../transfer/web/readText.ts';
import { WebAddress } from '../../transfer/web/webAddress.ts';
import type { Around } from './modelSource.ts';

const byDefault = 'https://pypi.org/simple';
/** Bytes of a list of files at most; those of packages with thousands of releases have some million. */
const mostBytes = 64 << 20;

/** A file of a package, as an index lists it. */
export interface PackageFile {
  filename: string;
  url: string;
  sha256?: string | undefined;
  size?: number | undefined;
}

/** The index that the user's pip or uv takes packages from: their variables, then `index-url` of pip's own files. */
export async function pythonIndexOf({ env, home }: Around): Promise<string> {
  const named = env.UV_DEFAULT_INDEX || env.UV_INDEX_URL || env.PIP_INDEX_URL;
  if (named) return named;
  const files = [
    env.PIP_CONFIG_FILE,
    env.VIRTUAL_ENV && path.join(env.VIRTUAL_ENV, 'pip.conf'),
    path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'pip', 'pip.conf'),
    path.join(home, '.pip', 'pip.conf'),
    env.APPDATA && path.join(env.APPDATA, 'pip', 'pip.ini'),
    path.join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
    '/etc/pip.conf',
  ];
  for (const file of files) {
    const text = file ? await readFile(file, 'utf8').catch(() => '') : '';
    const global = /^\[global\]([^[]*)/m.exec(text)?.[1] ?? '';
    const url = /^\s*index[-_]url\s*[=:]\s*(\S+)/m.exec(global)?.[1];
    if (url) return url;
  }
  return byDefault;
}

/** The files of a package on an index, by its JSON (PEP 691), or by the page of links of an older one (PEP 503). */
export async function packageFiles(index: string, name: string, { web }: Around, signal?: AbortSignal): Promise<PackageFile[]> {
  const normal = name.toLowerCase().replace(/[-_.]+/g, '-');
  // Hashes and files come from here: an index without https is used only where the file's hash is known, which who asks for the file sees to.
  const address = new WebAddress(`${index.replace(/\/+$/, '')}/${normal}/`, web, { isVerified: true });
  const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1';
  const { text, type } = await readText(address, { accept }, mostBytes, signal);
  return /json/.test(type) ? ofJson(text, address) : ofPage(text, address);
}

function ofJson(text: string, address: WebAddress): PackageFile[] {
  try {
    const { files } = JSON.parse(text) as { files: { filename: unknown; url: unknown; hashes?: { sha256?: unknown }; size?: unknown }[] };
    return files.flatMap(({ filename, url, hashes, size }) =>
      typeof filename === 'string' && typeof url === 'string' && URL.canParse(url, address.url)
        ? [
            {
              filename,
              url: new URL(url, address.url).href,
              sha256: typeof hashes?.sha256 === 'string' ? hashes.sha256 : undefined,
              size: Number.isSafeInteger(size) ? (size as number) : undefined,
            },
          ]
        : [],
    );
  } catch {
    throw new UserError('InputUnavailable', `${address.shown} does not answer as an index of Python packages does.`, 'Check its address.');
  }
}

function ofPage(text: string, address: WebAddress): PackageFile[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>\s*([^<]+?)\s*<\/a>/gi)].flatMap(([, href, filename]) => {
    const link = href!.replaceAll('&amp;', '&');
    if (!URL.canParse(link, address.url)) return [];
    const url = new URL(link, address.url);
    const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1]?.toLowerCase();
    url.hash = '';
    return [{ filename: filename!, url: url.href, sha256 }];
  });
}
