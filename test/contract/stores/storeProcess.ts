import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { implementations, type OpenStores } from '../../unit/store/implementations.ts';
import { type Act, act } from './acts.ts';
import { flood } from './flood.ts';

/** What the process says: that its store is open, what an act answered, or a write of the flood that was acknowledged. */
type Said = { open: true } | { answer: unknown } | { error: string } | { lane: string; n: number };

/** A process of its own with an open store. */
export class StoreProcess {
  private readonly child: ChildProcess;
  private readonly said: ((said: Said) => void)[] = [];
  readonly ended: Promise<void>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
    child.on('message', (said: Said) => {
      if ('lane' in said) this.onAcknowledged(said.lane, said.n);
      else this.said.shift()?.(said);
    });
    child.once('exit', (code, signal) => {
      for (const each of this.said.splice(0)) each({ error: `the process ended with ${signal ?? code}` });
    });
  }

  onAcknowledged: (lane: string, n: number) => void = () => {};

  static async start(implementation: string, folder: string): Promise<StoreProcess> {
    const started = new StoreProcess(fork(fileURLToPath(import.meta.url), [implementation, folder], { execArgv: [] }));
    await started.next();
    return started;
  }

  async act(asked: Act): Promise<any> {
    this.child.send(asked);
    return this.next();
  }

  /** Writes as fast as it can until it is killed; tells `onAcknowledged`. `from`: where each lane goes on. */
  flood(from: Record<string, number>): void {
    this.child.send({ flood: from });
  }

  /** SIGKILL; settles when the process is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private async next(): Promise<unknown> {
    const said = await new Promise<Said>((resolve) => this.said.push(resolve));
    if ('error' in said) throw new Error(said.error);
    return 'answer' in said ? said.answer : undefined;
  }
}

/** The other end. */
function serve(stores: OpenStores): void {
  const say = (said: Said) => process.send?.(said);
  process.on('message', (asked: Act | { flood: Record<string, number> }) => {
    if ('flood' in asked) flood(stores, asked.flood, (lane, n) => say({ lane, n }));
    else
      act(stores, asked).then(
        (answer) => say({ answer }),
        (error) => say({ error: String(error) }),
      );
  });
  process.once('disconnect', () => process.exit());
  say({ open: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , implementation, folder] = process.argv;
  serve(implementations.find(({ name }) => name === implementation)!.open(folder!));
}
