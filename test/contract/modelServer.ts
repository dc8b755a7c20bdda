import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file that a server of models has; what it answers can be made to lie. */
export interface ServedFile {
  bytes: Buffer;
  /** Sends so many bytes of an answer, and then nothing more, for as long as `isStalled` says. */
  stallAfter?: number;
}

/** What a request asked for, in order. */
export interface Asked {
  path: string;
  range: string | undefined;
  authorization: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on loopback, as PyPI's and the Hugging Face Hub's answer: files by ranges, and JSON. */
export class ModelServer {
  readonly files = new Map<string, ServedFile>();
  readonly json = new Map<string, unknown | Answer>();
  readonly asked: Asked[] = [];
  private readonly server = createServer((request, response) => this.answer(request, response));
  private stalled = Promise.withResolvers<void>();

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settles when an answer has stopped in the middle. */
  get hasStalled(): Promise<void> {
    return this.stalled.promise;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    const path = decodeURIComponent(url.pathname);
    this.asked.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    const file = this.files.get(path);
    if (file) return this.send(request, response, file);
    const known = this.json.get(path);
    if (typeof known === 'function') return (known as Answer)(request, response);
    if (known === undefined) return void response.writeHead(404).end();
    const type = path.startsWith('/simple/') ? 'application/vnd.pypi.simple.v1+json' : 'application/json';
    response.writeHead(200, { 'content-type': type }).end(JSON.stringify(known));
  }

  private send(request: IncomingMessage, response: ServerResponse, { bytes, stallAfter }: ServedFile): void {
    const [, first = '0', last = String(bytes.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [from, to] = [Number(first), Math.min(Number(last) + 1, bytes.length)];
    const etag = `"${sha256(bytes)}"`;
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-length': to - from,
      etag,
      ...(request.headers.range ? { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` } : {}),
    });
    if (stallAfter === undefined || to <= stallAfter) return void response.end(bytes.subarray(from, to));
    response.write(bytes.subarray(from, Math.max(from, stallAfter)), () => this.stalled.resolve());
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
