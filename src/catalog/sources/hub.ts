import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { readJson } from '../../transfer/web/readText.ts';
import { type Web, WebAddress } from '../../transfer/web/webAddress.ts';
import type { Around } from './modelSource.ts';

/** Bytes of an answer at most. */
const mostBytes = 32 << 20;

export interface HubFile {
  name: string;
  bytes?: number | undefined;
  /** In hex; of large files only, which Git LFS keeps. */
  sha256?: string | undefined;
}

export interface HubModel {
  repository: string;
  commit: string;
  files: HubFile[];
  /** The hub's own word: `apache-2.0`, `llama3.2`. */
  license?: string | undefined;
  licenseLink?: string | undefined;
}

/** A model that a search found. */
export interface HubHit {
  repository: string;
  downloads: number;
  license?: string | undefined;
  isGated: boolean;
}

/** The Hugging Face Hub, or one like it: `HF_ENDPOINT`, `HF_TOKEN` and the token that `hf auth login` writes are used as its own client does. */
export class Hub {
  readonly endpoint: string;
  readonly web: Web;
  /** Who asks. */
  readonly headers: Record<string, string>;

  private constructor(endpoint: string, web: Web, token: string | undefined) {
    this.endpoint = endpoint;
    this.web = web;
    this.headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  static async of({ env, home, web }: Around): Promise<Hub> {
    const cache = env.HF_HOME || path.join(env.XDG_CACHE_HOME || path.join(home, '.cache'), 'huggingface');
    const named = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN;
    const token = named || (await readFile(env.HF_TOKEN_PATH || path.join(cache, 'token'), 'utf8').catch(() => ''));
    return new Hub((env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''), web, token.trim() || undefined);
  }

  address(url: string): WebAddress {
    return new WebAddress(url, this.web, { headers: this.headers });
  }

  fileAddress(repository: string, commit: string, file: string): string {
    return `${this.endpoint}/${repository}/resolve/${commit}/${file.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** A repository at a branch, tag or commit, with the size and hash of each file. */
  async model(repository: string, revision: string, signal?: AbortSignal): Promise<HubModel> {
    const url = `${this.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const answer = (await this.ask(url, repository, signal)) as {
      sha?: unknown;
      siblings?: { rfilename?: unknown; size?: unknown; lfs?: { sha256?: unknown; size?: unknown } | null }[];
      cardData?: { license?: unknown; license_name?: unknown; license_link?: unknown } | null;
      tags?: unknown;
    } | null;
    if (typeof answer?.sha !== 'string' || !/^[0-9a-f]{40}$/.test(answer.sha) || !Array.isArray(answer.siblings)) throw this.strange(url);
    const files = answer.siblings.flatMap(({ rfilename, size, lfs }): HubFile[] =>
      typeof rfilename === 'string'
        ? [
            {
              name: rfilename,
              bytes: Number.isSafeInteger(lfs?.size ?? size) ? ((lfs?.size ?? size) as number) : undefined,
              sha256: typeof lfs?.sha256 === 'string' && /^[0-9a-f]{64}$/.test(lfs.sha256) ? lfs.sha256 : undefined,
            },
          ]
        : [],
    );
    const card = answer.cardData ?? {};
    const word = (value: unknown) => (typeof value === 'string' && value.length < 500 ? value : undefined);
    const license = word(card.license) === 'other' ? (word(card.license_name) ?? 'other') : word(card.license);
    const link = word(card.license_link);
    return {
      repository,
      commit: answer.sha,
      files,
      license: license ?? licenseTag(answer.tags),
      licenseLink: link && /^https?:/.test(link) ? link : undefined,
    };
  }

  /** Models with GGUF files whose name has these words, the most often got first. */
  async search(words: string, limit: number, signal?: AbortSignal): Promise<HubHit[]> {
    const query = new URLSearchParams({ search: words, filter: 'gguf', sort: 'downloads', direction: '-1', limit: String(limit) });
    const url = `${this.endpoint}/api/models?${query}`;
    const answer = await this.ask(url, undefined, signal);
    if (!Array.isArray(answer)) throw this.strange(url);
    return (answer as { id?: unknown; downloads?: unknown; tags?: unknown; gated?: unknown }[]).flatMap(({ id, downloads, tags, gated }) =>
      typeof id === 'string'
        ? [{ repository: id, downloads: Number(downloads) || 0, license: licenseTag(tags), isGated: Boolean(gated) }]
        : [],
    );
  }

  private async ask(url: string, repository: string | undefined, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      return await readJson(this.address(url), {}, mostBytes, signal);
    } catch (error) {
      throw this.explained(error, repository);
    }
  }

  /** The hub answers 401 also for a repository that is not there. */
  explained(error: unknown, repository: string | undefined): unknown {
    if (!(error instanceof UserError) || repository === undefined || !['Unauthorized', 'Forbidden', 'NotFound'].includes(error.code))
      return error;
    const hint =
      error.code === 'NotFound'
        ? `Look at ${this.endpoint}/${repository} which revisions and files it has.`
        : `Is the name right? Some models may be read only by who has accepted their terms on ${this.endpoint}/${repository}: then set HF_TOKEN to a token of yours, or log in with "hf auth login".`;
    return new UserError(error.code, `${repository} can't be got. ${error.message}`, hint);
  }

  private strange(url: string): UserError {
    return new UserError('InputUnavailable', `${url.split('?')[0]} does not answer as the Hugging Face Hub does.`, 'Check HF_ENDPOINT.');
  }
}

const licenseTag = (tags: unknown): string | undefined =>
  Array.isArray(tags)
    ? (tags.find((tag) => typeof tag === 'string' && tag.startsWith('license:')) as string | undefined)?.slice(8)
    : undefined;
