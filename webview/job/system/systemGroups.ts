import type { ChartGroup } from '../../shared/chart/chartSections.ts';

const group = (title: string, pattern: RegExp): ChartGroup => ({
  title,
  prefix: 'system/',
  has: (key) => pattern.test(key),
});

/** The parts of a machine that MLflow's names of system metrics tell of. */
export const systemGroups: readonly ChartGroup[] = [
  group('CPU', /^system\/cpu/),
  group('Memory', /^system\/(?:system_)?memory/),
  group('Disk', /^system\/disk/),
  group('Network', /^system\/network/),
  group('GPU', /^system\/gpu/),
  group('Other', /^system\//),
];
