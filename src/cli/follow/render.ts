import { formatDuration } from '../../base/text.ts';
import { isTerminal, type Job, jobProperty, titleOf } from '../../protocol/job.ts';

/** What the step list shows. */
export interface FollowState {
  job: Job;
  /** Steps in the pipeline's order; one without a job has not started. */
  steps: { name: string; job?: Job; metrics: Record<string, number | string> }[];
}

const icons: Record<string, string> = { Completed: '✔', Failed: '✖', Canceled: '⊘', waiting: '·' };
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const colors: Record<string, number> = { Completed: 32, Failed: 31, Canceled: 33, waiting: 90 };

/** The step list as lines of at most `width` characters: icon, name, elapsed, and what is to say. Pure: the same state and time give the same lines. */
export function render(state: FollowState, width: number, now: number, color: boolean): string[] {
  const nameWidth = Math.min(24, Math.max(...state.steps.map((step) => step.name.length), 4));
  const lines = state.steps.map(({ name, job, metrics }) => {
    const status = job?.properties.status ?? 'waiting';
    const icon = icons[status] ?? spinner[Math.floor(now / 100) % spinner.length]!;
    const left = `${icon} ${name.padEnd(nameWidth).slice(0, nameWidth)} ${(elapsed(job, now) ?? '').padStart(9)}  `;
    const right = cut(detail(job, metrics), width - left.length);
    return paint(left, colors[status] ?? 36, color) + right;
  });
  const { status } = state.job.properties;
  return [cut(`${titleOf(state.job)}: ${status}${elapsed(state.job, now) ? `, ${elapsed(state.job, now)}` : ''}`, width), ...lines];
}

/** What there is to say about a step: why it failed, what it does now, its metrics. */
export function detail(job: Job | undefined, metrics: Record<string, number | string>): string {
  if (!job) return 'waits';
  const { status, error, progress, properties } = job.properties;
  if (properties?.[jobProperty.isReused] === 'true') return `reused from ${properties[jobProperty.reusedFrom]}`;
  if (error) return error.message.split('\n')[0]!;
  if (progress) return progress;
  const shown = metricsText(metrics);
  if (shown) return shown;
  return isTerminal(status!) ? '' : status === 'Queued' ? 'queued' : String(status).toLowerCase();
}

/** `accuracy 0.98, loss 0.01`: at most four metrics, by name. */
export function metricsText(metrics: Record<string, number | string>): string {
  return Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, 4)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ');
}

/** How long a job took or takes; undefined before its start. */
export function elapsed(job: Job | undefined, now: number): string | undefined {
  const { startedAt, endedAt } = job?.properties ?? {};
  return startedAt ? formatDuration(Math.max(0, (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt))) : undefined;
}

const cut = (text: string, width: number): string => (text.length <= width ? text : width > 1 ? `${text.slice(0, width - 1)}…` : '');
const paint = (text: string, code: number, color: boolean): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
