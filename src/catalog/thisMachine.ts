import { totalmem } from 'node:os';
import type { Machine } from './fit.ts';

/** The memory of this machine, as it is now. */
export const thisMachine = (): Machine => ({ memory: totalmem(), available: process.availableMemory() });
