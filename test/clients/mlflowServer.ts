import { spawn } from 'node:child_process';
import path from 'node:path';
import { freePort } from '../../src/runner/freePort.ts';

/** MLflow's own server, which is compared with. */
export interface MlflowServer {
  url: string;
  /** Settles when it answers. */
  ready: Promise<void>;
  stop(): void;
}

/** Starts one that keeps everything in `folder`. */
export async function startMlflowServer(python: string, folder: string, variables: Record<string, string> = {}): Promise<MlflowServer> {
  const port = await freePort();
  const server = spawn(
    python,
    ['-m', 'mlflow', 'server', '--port', String(port), '--workers', '1']
      .concat(['--backend-store-uri', `sqlite:///${folder}/mlflow.db`])
      .concat(['--artifacts-destination', path.join(folder, 'artifacts')]),
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true', ...variables },
    },
  );
  const ready = new Promise<void>((resolve, reject) => {
    let said = '';
    const read = (text: Buffer) => {
      said += text;
      // What its web server says once it accepts requests.
      if (said.includes('Application startup complete')) resolve();
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('exit', (code) => reject(new Error(`mlflow server ended with ${code}: ${said.slice(-2000)}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    ready,
    stop() {
      // Its workers are in its group.
      if (server.pid) process.kill(-server.pid, 'SIGTERM');
    },
  };
}
