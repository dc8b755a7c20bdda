import type { Cause } from './cause.ts';

/** Memory, disk, and other things that a machine has only so much of. */
export const memory: Cause[] = [
  {
    id: 'allocation',
    says: /Unable to allocate (?<size>[\d.]+ [KMGT]iB)/,
    why: 'An array of {size} does not fit into the memory.',
    fix: 'Work in smaller pieces (chunks, batches), use a smaller type such as float32, or a machine with more memory.',
  },
  {
    id: 'shared-memory',
    says: /(?:DataLoader worker .*(?:killed by signal: Bus error|out of shared memory)|No space left on device: '\/dev\/shm)/,
    why: 'The workers of the DataLoader ran out of shared memory.',
    fix: 'Use fewer workers (num_workers=0 needs none), or smaller batches. In a container give it a larger /dev/shm.',
  },
  {
    id: 'worker-killed',
    says: /DataLoader worker \(pid\(?s?\)?[^)]*\) .*(?:killed by signal: Killed|exited unexpectedly)/,
    why: 'The system ended a worker of the DataLoader, most often since the memory was full.',
    fix: 'Use fewer workers or smaller batches.',
  },
  {
    id: 'memory',
    says: /^MemoryError\b|std::bad_alloc|Cannot allocate memory|java\.lang\.OutOfMemoryError|^Killed$|\b\d+ Killed\b|oom-kill/i,
    why: 'The memory of the machine was full.',
    fix: 'Read data in pieces, use smaller batches or fewer parallel workers, or a machine with more memory.',
  },
  {
    id: 'disk-full',
    says: /\[Errno 28\]|No space left on device|ENOSPC|Disk quota exceeded|\[Errno 122\]/,
    why: 'The disk is full, or your quota is used up.',
    fix: 'Free some space: "updraft job delete" removes old jobs with their files. Checkpoints that are kept for each epoch often fill it.',
  },
  {
    id: 'open-files',
    says: /\[Errno 24\]|Too many open files/,
    why: 'The process has as many files open as it may.',
    fix: "Close files (with open(…) as f:), raise the limit (ulimit -n), or use torch.multiprocessing.set_sharing_strategy('file_system').",
  },
  {
    id: 'too-many-threads',
    says: /pthread_create failed|can't start new thread|Resource temporarily unavailable/,
    why: 'The job started more threads or processes than the system allows.',
    fix: 'Set OMP_NUM_THREADS (and n_jobs or num_workers) to a small number.',
  },
];
