import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlaneClient } from '../../../src/client/planeClient.ts';
import { type PlaneProcess, startPlaneProcess } from '../planeProcess.ts';

/** A control plane in a process that is killed now and then (SIGKILL), and starts again at the same address. */
export interface KilledPlane {
  client: PlaneClient;
  url: string;
  token: string;
  readonly kills: number;
  /** Settles when it is there. */
  whenUp(): Promise<void>;
  end(): Promise<void>;
}

/** `everyMs`: milliseconds between a start and the next kill, at most. */
export async function killedPlane(random: () => number, everyMs: number): Promise<KilledPlane> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  const first = await startPlaneProcess(folder, ['--no-runner']);
  const { url, token } = first;
  const [port] = [new URL(url).port];
  let [plane, kills, isOver]: [PlaneProcess, number, boolean] = [first, 0, false];
  let up: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const plan = () => {
    timer = setTimeout(
      () => {
        up = (async () => {
          await plane.kill();
          kills++;
          plane = await startPlaneProcess(folder, ['--no-runner', '--port', port]);
          if (plane.token !== token) throw new Error('the plane has another token after its start');
          if (!isOver) plan();
        })();
      },
      (0.2 + 0.8 * random()) * everyMs,
    );
  };
  plan();
  return {
    client: new PlaneClient({ url, token }),
    url,
    token,
    get kills() {
      return kills;
    },
    whenUp: () => up,
    async end() {
      isOver = true;
      clearTimeout(timer);
      await up;
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
