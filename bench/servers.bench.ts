import { underRestarts } from '../test/contract/servers/underRestarts.ts';
import { type Benchmark, figure } from './figure.ts';

const minutes = Number(process.env.UPDRAFT_BENCH_MINUTES ?? 2);

export const benchmark: Benchmark = {
  name: 'servers',
  what: `3 servers of one plane under 16 writers and 50 readers of the feed for ${minutes} minutes; one is killed every 5 s, PostgreSQL is restarted 5 times`,
  async run() {
    const found = await underRestarts({ seed: 1, ms: minutes * 60_000, killEveryMs: 5000, databaseRestarts: 5, readers: 50 });
    for (const line of [...found.lost, ...found.doubled, ...found.missed]) console.log(`  ${line}`);
    const none = { atMost: 0 };
    return [
      figure('servers killed', [found.kills], 'servers'),
      figure('writes acknowledged', [found.acknowledged], 'writes'),
      figure('acknowledged writes lost', [found.lost.length], 'writes', none),
      figure('writes doubled', [found.doubled.length], 'writers', none),
      figure('changes', [found.changes], 'changes'),
      figure('readers that missed or doubled a change', [found.missed.length], 'readers', none),
      ...(found.takeovers.length ? [figure('duties taken over after', found.takeovers, 'ms', { atMost: 10_000 })] : []),
    ];
  },
};
