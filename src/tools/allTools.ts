import { listJobs } from './listJobs.ts';
import type { Tool } from './tool.ts';

/** Everything that an agent may do. */
export const allTools: readonly Tool[] = [listJobs];
