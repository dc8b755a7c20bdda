import { callEndpoint } from './callEndpoint.ts';
import { cancelJob } from './cancelJob.ts';
import { checkJobFile } from './checkJobFile.ts';
import { compareJobs } from './compareJobs.ts';
import { getJob } from './getJob.ts';
import { listEndpoints } from './listEndpoints.ts';
import { listJobs } from './listJobs.ts';
import { listModels } from './listModels.ts';
import { readLog } from './readLog.ts';
import { readMetrics } from './readMetrics.ts';
import { submitJob } from './submitJob.ts';
import type { Tool } from './tool.ts';

/** Everything that an agent may do. */
export const allTools: readonly Tool[] = [
  listJobs,
  getJob,
  readMetrics,
  readLog,
  compareJobs,
  listModels,
  listEndpoints,
  checkJobFile,
  submitJob,
  cancelJob,
  callEndpoint,
];
