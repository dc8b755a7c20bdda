import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { workspacePath } from '../../protocol/arm.ts';
import { type DebugLaunch, debugTag } from '../../protocol/debugLaunch.ts';
import { type CommandJob, titleOf } from '../../protocol/job.ts';
import { ContentCache } from '../contentCache.ts';
import { planOf } from '../environments/prepareEnvironment.ts';
import { runTool } from '../environments/runTool.ts';
import type { Launch } from '../executors/executor.ts';
import { shell } from '../executors/process/launcher.ts';
import { quoted } from '../executors/wrapper.ts';
import { prepareCommand } from '../prepareCommand.ts';
import { download } from '../transfer.ts';
import { debugAdapter } from './debugger.ts';
import { pythonArguments } from './pythonArguments.ts';
import { blamedCall, type PythonCall, pythonCalls } from './pythonCalls.ts';

export interface DebugOptions {
  client: PlaneClient;
  /** Where the debugged process reaches the plane, and what it shows there. */
  planeUrl: string;
  token: string;
  /** The runner's folder of this machine: it has the environments and contents of earlier jobs. */
  folder: string;
  /** Folder in which each job has one of its own to be debugged in, made anew each time. */
  scratch: string;
  /** Variables that the command starts from. */
  environment: Record<string, string>;
  signal: AbortSignal;
  onProgress: (text: string) => void;
  onLine: (line: string) => void;
}

/** Milliseconds after which the folder of a job that was debugged goes, when another job is debugged. */
const keptFor = 7 * 86_400_000;

/** What Python writes down in place of running the step: the shell's last word about arguments, variables and folder. Runs on Python 3.7, too. */
const recorder = `import importlib.util, json, os, sys
found = importlib.util.find_spec("debugpy")
with open(sys.argv[1], "w") as file:
    json.dump({"arguments": sys.argv[2:], "cwd": os.getcwd(), "environment": dict(os.environ), "executable": sys.executable,
        "version": sys.version_info[:2], "debugpy": os.path.dirname(found.origin) if found and found.origin else None}, file)
`;

interface Recorded {
  arguments: string[];
  cwd: string;
  environment: Record<string, string>;
  executable: string;
  version: [number, number];
  debugpy: string | null;
}

/**
 * Gets the command of a job ready once more, in a folder of its own, and answers how its Python is started under a debugger. What stands before that Python in the command
 * line runs now, as it did in the job. The job stays as it is: what the debugged process logs goes to a new run with the tag `updraft.debugOf`, and its outputs stay in the folder.
 */
export async function debugLaunch(job: CommandJob, options: DebugOptions): Promise<DebugLaunch> {
  const { client, folder, signal, onProgress, onLine } = options;
  const place = path.join(options.scratch, job.name);
  await makeAnew(place);
  const cache = new ContentCache(path.join(folder, 'cache'));
  const context = {
    client,
    cache,
    folder,
    environment: options.environment,
    planeUrl: options.planeUrl,
    token: options.token,
    workspaceId: workspacePath(client.workspace),
    jobVariables: async () => ({}),
    executor: { isHere: true },
    plans: new Map(),
  };
  const plan = await planOf(context, job.properties.environmentId);
  const launch = await prepareCommand(context, job, plan, { here: place, there: place }, { line: onLine }, signal, onProgress);
  const call = callToDebug(job, launch);
  const recorded = await record(launch, call, path.join(place, 'debug'), job, options);
  const { pythonArgs, runs, args } = pythonArguments(recorded.arguments);
  if (!runs) throw cannot(job, 'its Python reads the program from standard input');
  const adapter = await debugAdapter(
    { executable: recorded.executable, version: recorded.version, debugpy: recorded.debugpy ?? undefined },
    {
      folder,
      environment: recorded.environment,
      signal,
      onLine,
      onProgress,
      fetchFiles: async (uri, target) => {
        await download(client, uri, target, cache, signal);
      },
    },
  );
  return {
    job: job.name,
    title: titleOf(job),
    python: recorded.executable,
    adapter,
    ...('program' in runs ? { program: path.resolve(recorded.cwd, runs.program) } : runs),
    args,
    pythonArgs,
    cwd: recorded.cwd,
    env: recorded.environment,
    codeFolder: path.join(place, 'code'),
  };
}

/** An empty folder. Those of other jobs beside it go when nobody came back to them for long. */
async function makeAnew(place: string): Promise<void> {
  const scratch = path.dirname(place);
  await mkdir(scratch, { recursive: true });
  for (const name of await readdir(scratch)) {
    const folder = path.join(scratch, name);
    const madeAt = (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;
    if (folder === place || Date.now() - madeAt > keptFor) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  await mkdir(place);
}

function callToDebug(job: CommandJob, { command, spread }: Launch): PythonCall {
  if (spread && spread.processes.length > 1)
    throw cannot(
      job,
      `its command runs as ${spread.processes.length} processes that wait for each other`,
      'Submit it with one process, and debug that job.',
    );
  const call = blamedCall(pythonCalls(command), job.properties.error?.stderrTail ?? []);
  if (!call) throw cannot(job, 'its command does not call Python itself');
  if (call.obstacle === 'block') throw cannot(job, 'its Python is called in a loop, a condition or brackets of the shell');
  if (call.obstacle === 'input') throw cannot(job, 'its Python reads from a pipe or a file of the shell');
  return call;
}

const cannot = (
  job: CommandJob,
  why: string,
  hint = 'A command can be debugged when it has a call such as "python train.py" or "python -m train".',
): UserError => new UserError('NotImplemented', `${titleOf(job)} can't be run under the debugger: ${why}.`, hint);

/** Runs the command line up to its Python, which writes down how it was called. */
async function record(
  { command, cwd, variables }: Launch,
  { start, end, callEnd }: PythonCall,
  folder: string,
  job: CommandJob,
  { signal, onProgress, onLine }: DebugOptions,
): Promise<Recorded> {
  await mkdir(folder, { recursive: true });
  const [script, file] = [path.join(folder, 'record.py'), path.join(folder, 'call.json')];
  await writeFile(script, recorder);
  const before = command.slice(0, start);
  if (/\S/.test(before)) onProgress('Running what comes before Python in the command');
  const text = `${before}${command.slice(start, end)} ${quoted(script)} ${quoted(file)}${command.slice(end, callEnd)}`;
  const { code, output } = await runTool(shell, ['-c', text], { cwd, environment: inAnotherRun(variables, job), signal, onLine });
  if (!existsSync(file)) {
    const tail = output.trim().split(/\r?\n/).slice(-5).join('\n');
    throw new UserError(
      'CommandFailed',
      `The command did not come to its Python: what stands before it in the command line ended with exit code ${code}.${tail ? `\n${tail}` : ''}`,
      "It is the shell or a program before Python that fails, which a debugger for Python can't show.",
    );
  }
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError('CommandFailed', `What Python wrote down of its call can't be read: ${messageOf(error)}`);
  }
}

/** What is logged goes to a run of its own, which MLflow makes when the first thing is logged, with what the last of these variables says. */
function inAnotherRun({ MLFLOW_RUN_ID: _run, ...variables }: Record<string, string>, job: CommandJob): Record<string, string> {
  return {
    ...variables,
    AZUREML_RUN_ID: `${job.name}_debug`,
    MLFLOW_RUN_CONTEXT: JSON.stringify({ [debugTag]: job.name, 'mlflow.runName': `Debugging ${titleOf(job)}` }),
  };
}
