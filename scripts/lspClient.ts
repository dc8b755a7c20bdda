import { type ChildProcess, spawn } from 'node:child_process';

interface Message {
  id?: number;
  method?: string;
  params?: any;
  result?: any;
  error?: { code: number; message: string };
}

/** A bare client of a language server over standard input and output: what any editor sends, without an editor. */
export class LspClient {
  readonly child: ChildProcess;
  /** Standard error of the server. */
  errors = '';
  private readonly waiting = new Map<number, { resolve(value: any): void; reject(error: Error): void }>();
  private readonly listeners: { method: string; take(params: any): boolean }[] = [];
  private readonly received = new Map<string, any[]>();
  private parts: Buffer[] = [];
  private size = 0;
  private wanted = 0;
  private next = 1;
  private readonly configuration: (section: string | undefined) => unknown;

  constructor(
    program: string,
    args: string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string; configuration?: (section: string | undefined) => unknown } = {},
  ) {
    this.configuration = options.configuration ?? (() => null);
    this.child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    this.child.stdout!.on('data', (bytes: Buffer) => this.read(bytes));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.child.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`The server ended with ${code}.\n${this.errors}`));
      this.waiting.clear();
    });
  }

  request(method: string, params: unknown): Promise<any> {
    const id = this.next++;
    const answer = new Promise<any>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.send({ jsonrpc: '2.0', id, method, params });
    return answer;
  }

  notify(method: string, params: unknown): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  /** The next notification of a method that passes the test, from now on. */
  notification(method: string, test: (params: any) => boolean = () => true): Promise<any> {
    return new Promise((resolve) => {
      this.listeners.push({
        method,
        take(params) {
          if (!test(params)) return false;
          resolve(params);
          return true;
        },
      });
    });
  }

  /** Every notification of a method so far. */
  past = (method: string): any[] => this.received.get(method) ?? [];

  async initialize(folder: string | undefined, initializationOptions: unknown = {}, capabilities: unknown = {}): Promise<any> {
    const uri = folder === undefined ? null : `file://${folder}`;
    const result = await this.request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: uri ? [{ uri, name: 'test' }] : null,
      capabilities,
      initializationOptions,
    });
    this.notify('initialized', {});
    return result;
  }

  /** Says goodbye and waits for the end of the server. Answers its exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    await this.request('shutdown', null);
    this.notify('exit', null);
    return ended;
  }

  private send(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    this.child.stdin!.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.child.stdin!.write(body);
  }

  private read(bytes: Buffer): void {
    this.parts.push(bytes);
    this.size += bytes.length;
    for (;;) {
      if (this.size < this.wanted) return;
      let all = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
      if (this.wanted === 0) {
        const end = all.indexOf('\r\n\r\n');
        this.parts = [all];
        if (end < 0) return;
        this.wanted = Number(/Content-Length: (\d+)/i.exec(all.subarray(0, end).toString())![1]);
        all = all.subarray(end + 4);
      }
      this.parts = [all];
      this.size = all.length;
      if (this.size < this.wanted) return;
      const body = all.subarray(0, this.wanted).toString();
      this.parts = [all.subarray(this.wanted)];
      this.size -= this.wanted;
      this.wanted = 0;
      this.take(JSON.parse(body));
      if (this.size === 0) return;
    }
  }

  private take(message: Message): void {
    if (message.method && message.id !== undefined) {
      const items = (message.params?.items ?? []) as { section?: string }[];
      const result = message.method === 'workspace/configuration' ? items.map(({ section }) => this.configuration(section)) : null;
      this.send({ jsonrpc: '2.0', id: message.id, result });
    } else if (message.method) {
      this.received.set(message.method, [...(this.received.get(message.method) ?? []).slice(-200), message.params]);
      const index = this.listeners.findIndex(({ method, take }) => method === message.method && take(message.params));
      if (index >= 0) this.listeners.splice(index, 1);
    } else if (message.id !== undefined) {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) waiting?.reject(new Error(message.error.message));
      else waiting?.resolve(message.result);
    }
  }
}
