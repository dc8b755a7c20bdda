import { testSeconds } from './testSeconds.ts';

/** Divides test files into groups that take about as long, the same way each time. */
export function shares(files: readonly string[], count: number): string[][] {
  const secondsOf = (file: string) => testSeconds[file.replaceAll('\\', '/')] ?? 0.5;
  const groups = Array.from({ length: Math.min(count, files.length) }, () => ({ files: [] as string[], seconds: 0 }));
  for (const file of [...files].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const shortest = groups.reduce((least, group) => (group.seconds < least.seconds ? group : least));
    shortest.files.push(file);
    shortest.seconds += secondsOf(file);
  }
  return groups.map((group) => group.files.sort());
}
