import { UserError } from '../../base/userError.ts';
import { Computes } from '../../submit/elsewhere/computes.ts';
import type { SubmissionPlan } from '../../submit/elsewhere/planSubmission.ts';
import { rememberCompute } from '../../submit/elsewhere/projectConfig.ts';
import { type Target, targetName } from '../../submit/elsewhere/target.ts';
import { connect, type Reached } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { list, type Parsed, text } from '../parsed.ts';
import { callAt, nameOfServer, serverOf } from '../serverOf.ts';

/** Where a job goes that is submitted `--to` another place. */
export interface JobTarget extends Target {
  lock: Reached;
  /** The options of a command that is about a job there. */
  options: string;
}

const local = 'local';

/** The place that `--to` names; undefined where it is not given. What a compute is called there is kept first, where that is said. */
export async function jobTarget(parsed: Parsed, file: string): Promise<JobTarget | undefined> {
  const to = text(parsed, 'to');
  const workspace = text(parsed, 'to-workspace');
  if (to === undefined) {
    for (const option of ['to-workspace', 'map-compute'])
      if (parsed.values[option] !== undefined)
        throw new UserError('InvalidArgument', `--${option} is about another control plane.`, 'Say which one: --to NAME.');
    return undefined;
  }
  const toCall = callAt(parsed, to, workspace);
  const { client, lock } = await connect(toCall).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    // Here the option for the workspace is another one.
    throw new UserError(error.code, error.message, error.hint?.replace('--workspace-name', '--to-workspace'));
  });
  const plane = lock.isElsewhere ? nameOfServer(lock.url) : local;
  const target = { client, lock, plane, ...originOf(parsed, toCall, client.workspace.workspace) };
  await keepComputes(parsed, target, file);
  const options = [`--server ${plane}`, ...(lock.isElsewhere ? [`--workspace-name ${client.workspace.workspace}`] : [])].join(' ');
  return { ...target, options };
}

/** Where the file comes from: the workspace that the call names, else the current one; of the current one itself, this machine. */
function originOf(parsed: Parsed, toCall: Parsed, workspaceThere: string): Pick<Target, 'origin'> {
  const there = serverOf(toCall)?.url ?? local;
  const here = serverOf(parsed)?.url ?? local;
  const origin = (call: Parsed) => async () => (await connect(call)).client;
  if (here !== there) return { origin: origin(parsed) };
  if (here === local) return {};
  const named = text(parsed, 'workspace-name');
  if (named !== undefined && named !== workspaceThere) return { origin: origin(parsed) };
  return text(parsed, 'server') === undefined ? { origin: origin(callAt(parsed, local, undefined)) } : {};
}

async function keepComputes(parsed: Parsed, target: Target, file: string): Promise<void> {
  for (const pair of list(parsed, 'map-compute')) {
    const [, here, there] = /^([^=]+)=([^=]+)$/.exec(pair) ?? [];
    if (!here || !there)
      throw new UserError('InvalidArgument', `--map-compute ${pair}: two names are needed.`, 'Write --map-compute HERE=THERE.');
    (await Computes.of(target, file)).mustBeThere(there, target);
    const config = rememberCompute(file, target.plane, here, there);
    process.stderr.write(`${here} is ${there} on ${target.plane}: kept in ${config}.\n`);
  }
}

/** What `--dry-run` answers. */
export function planOutcome(target: Target, plan: SubmissionPlan): Outcome {
  const { promoted, uploads, computes, problems, summary, text: preview } = plan;
  return {
    value: {
      target: targetName(target),
      can_be_submitted: problems.length === 0,
      problems: problems.map(({ code, message, hint }) => ({ code, message, ...(hint ? { hint } : {}) })),
      promoted,
      computes: computes.map(({ here, there }) => ({ here, there: there ?? null })),
      uploads: uploads.map(({ local: path, files }) => ({
        path,
        files: files.length,
        bytes: files.reduce((sum, { size }) => sum + size, 0),
      })),
      summary,
    },
    text: () => [preview.trimEnd(), ...problems.flatMap(({ hint }) => hint ?? [])].join('\n'),
    exitCode: problems.length === 0 ? 0 : 1,
  };
}
