import { spawn } from 'node:child_process';

export interface ToolResult {
  code: number;
  /** Standard output and error as they came. */
  output: string;
}

/** Runs an installer or interpreter to its end; every line goes to `onLine` as it comes. Code 127 stands for a program that is not there. */
export function runTool(
  command: string,
  args: string[],
  options: {
    environment: Record<string, string>;
    cwd?: string;
    signal?: AbortSignal;
    onLine?: (line: string) => void;
    onStart?: (pid: number) => void;
  },
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    let output = '';
    let rest = '';
    const take = (chunk: Buffer) => {
      output += chunk;
      rest += chunk;
      const lines = rest.split(/\r?\n|\r/);
      rest = lines.pop()!;
      for (const line of lines) if (line.trim()) options.onLine?.(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => (options.signal?.aborted ? reject(error) : resolve({ code: 127, output: error.message })));
    child.on('close', (code) => {
      if (rest.trim()) options.onLine?.(rest);
      resolve({ code: code ?? 1, output });
    });
  });
}
