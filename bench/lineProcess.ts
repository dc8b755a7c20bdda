import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A process that says in a line that it is ready, and then answers each line of JSON with one. */
export class LineProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.child = child;
    this.lines = lines[Symbol.asyncIterator]();
  }

  static async start(program: string, args: string[]): Promise<LineProcess> {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const started = new LineProcess(child, createInterface({ input: child.stdout! }));
    await started.line();
    return started;
  }

  async ask<Answer>(question: object): Promise<Answer> {
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    return (await this.line()) as Answer;
  }

  end(): void {
    this.child.kill();
  }

  private async line(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('The process beside has ended.');
    return JSON.parse(value);
  }
}
