/**
 * How glibc should hold memory, which it only reads at the start of a process (mallopt(3)): one arena instead of one a thread, and what is free at the end of it goes
 * back to the system. Other systems don't know these variables.
 */
export const allocatorVariables: Record<string, string> = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
