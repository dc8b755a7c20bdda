/** What an exit code alone tells. Above 128 it is 128 and the number of a signal: https://man7.org/linux/man-pages/man7/signal.7.html */
export const exits: Record<number, { why: string; fix: string }> = {
  126: {
    why: 'The program of the command may not be executed.',
    fix: 'Give it the right (chmod +x), or start it by its interpreter: bash script.sh.',
  },
  127: {
    why: 'The program of the command was not found.',
    fix: 'Add the package that brings it to the environment, or give the path from the code folder: ./script.sh.',
  },
  132: {
    why: 'The processor does not have an instruction that the program uses.',
    fix: 'A package was built for newer processors (AVX2, AVX-512): install another build or version of it.',
  },
  134: {
    why: 'The program ended itself because something inside of it was wrong.',
    fix: 'The last lines of the log say what; often memory or versions of native libraries.',
  },
  135: {
    why: 'The program met a bus error, most often since shared memory was full.',
    fix: 'Use fewer DataLoader workers, or a larger /dev/shm.',
  },
  136: {
    why: 'The program made an arithmetic error, such as a division of whole numbers by 0.',
    fix: 'Look at the last calculation before the end.',
  },
  137: {
    why: 'The system killed the process, most often because the memory was full.',
    fix: 'Read data in pieces, use smaller batches or fewer parallel workers, or a machine with more memory.',
  },
  139: {
    why: 'The program used memory that is not its own (segmentation fault): a native library failed.',
    fix: 'Run with PYTHONFAULTHANDLER=1 to see where. Versions of native packages that do not fit each other are the usual reason.',
  },
  143: { why: 'The process was asked to end (SIGTERM).', fix: 'See who did it: a cancel, a limit of time, or the machine going down.' },
  124: { why: 'A limit of time was over.', fix: 'Raise the limit, or make the job do less.' },
  130: { why: 'The process was interrupted.', fix: 'Run it again.' },
};
