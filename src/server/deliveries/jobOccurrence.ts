import { originOf } from '../../protocol/copiedJob.ts';
import { isTerminal, type JobStatus } from '../../protocol/job.ts';
import type { NoticeEvent } from '../../protocol/notice.ts';
import type { StoredJob } from '../../store/store.ts';
import type { Occurrence } from './occurrence.ts';

const events: Partial<Record<JobStatus, NoticeEvent>> = { Completed: 'job.completed', Failed: 'job.failed', Canceled: 'job.canceled' };

/** As Azure calls them in `notificationSetting.emailOn`. */
const azureEvents: Record<string, NoticeEvent> = { JobCompleted: 'job.completed', JobFailed: 'job.failed', JobCancelled: 'job.canceled' };

type Ended = Pick<StoredJob, 'name' | 'parent' | 'status' | 'experimentName' | 'properties' | 'user' | 'startedAt' | 'endedAt'>;

/** The end of a job; undefined where it has not ended, or had ended before. A step or a trial is told with the job that it is part of. */
export function jobOccurrence(before: JobStatus | undefined, job: Ended): Occurrence | undefined {
  const event = events[job.status];
  if (!event || (before !== undefined && isTerminal(before)) || job.parent !== null) return undefined;
  // It ended elsewhere, and is told there.
  if (originOf(job.properties) !== undefined) return undefined;
  const { name, properties, user, startedAt, endedAt } = job;
  const { error, notificationSetting } = properties;
  const wants = (notificationSetting?.emailOn ?? []).some((each) => azureEvents[each] === event);
  return {
    event,
    resource: `jobs/${name}`,
    data: {
      name,
      display_name: properties.displayName ?? name,
      experiment_name: job.experimentName,
      job_type: properties.jobType,
      status: job.status,
      user,
      start_time: startedAt,
      end_time: endedAt,
      // What a job has printed may hold secrets: its last lines stay here.
      error: error ? { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) } : null,
    },
    job: { user, emails: wants ? (notificationSetting?.emails ?? []) : [] },
  };
}
