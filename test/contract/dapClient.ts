import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface DapEvent {
  event: string;
  body: any;
}

/** A client of the Debug Adapter Protocol, as an editor is one: it starts the adapter and speaks to it over standard input and output. */
export class DapClient {
  private readonly adapter: ChildProcess;
  private readonly answers = new Map<number, (message: any) => void>();
  private readonly events: DapEvent[] = [];
  private waiting: (() => void)[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private seq = 0;
  private isOver = false;

  constructor(program: string, args: string[]) {
    this.adapter = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.adapter.stdout!.on('data', (chunk: Buffer) => this.read(chunk));
    this.adapter.once('close', () => {
      this.isOver = true;
      this.wake();
    });
  }

  /** The answer's body; rejects with its message when the adapter refuses. */
  request(command: string, args: unknown = {}): Promise<any> {
    const seq = ++this.seq;
    const answer = new Promise<any>((resolve, reject) =>
      this.answers.set(seq, (message) => (message.success ? resolve(message.body) : reject(new Error(`${command}: ${message.message}`)))),
    );
    const body = Buffer.from(JSON.stringify({ seq, type: 'request', command, arguments: args }));
    this.adapter.stdin!.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
    return answer;
  }

  /** The next event of this name, or the one that has come already. */
  async event(name: string): Promise<DapEvent> {
    for (;;) {
      const index = this.events.findIndex(({ event }) => event === name);
      if (index >= 0) return this.events.splice(index, 1)[0]!;
      if (this.isOver) throw new Error(`The adapter ended without "${name}".`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Ends what is debugged, and the adapter. */
  async end(): Promise<void> {
    const closed = this.isOver ? undefined : once(this.adapter, 'close');
    await this.request('disconnect', { terminateDebuggee: true });
    this.adapter.stdin!.end();
    await closed;
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const head = this.rest.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.rest.subarray(0, head).toString())![1]);
      if (this.rest.length < head + 4 + length) return;
      const message = JSON.parse(this.rest.subarray(head + 4, head + 4 + length).toString());
      this.rest = this.rest.subarray(head + 4 + length);
      if (message.type === 'event') this.events.push(message);
      else if (message.type === 'response') this.answers.get(message.request_seq)?.(message);
      this.wake();
    }
  }

  private wake(): void {
    for (const each of this.waiting.splice(0)) each();
  }
}
