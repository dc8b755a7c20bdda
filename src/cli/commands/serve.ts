import type { Command } from '../command.ts';
import { text, whole } from '../options.ts';
import { version } from '../version.ts';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Runs the control plane in the foreground.',
  usage:
    '[--data DIR] [--port P] [--token T|none] [--idle-minutes N] [--max-parallel N] [--no-runner]\n      [--public-url URL]   (where a proxy publishes it, such as https://updraft.example.org; also in UPDRAFT_PUBLIC_URL)',
  options: {
    port: { type: 'string' },
    token: { type: 'string' },
    'idle-minutes': { type: 'string' },
    'max-parallel': { type: 'string' },
    'no-runner': { type: 'boolean' },
    'public-url': { type: 'string' },
  },
  async run(parsed) {
    const [dataFolder, port, token, idleMinutes, maxParallelJobs, publicUrl] = [
      text(parsed, 'data'),
      whole(parsed, 'port'),
      text(parsed, 'token'),
      whole(parsed, 'idle-minutes'),
      whole(parsed, 'max-parallel'),
      text(parsed, 'public-url'),
    ];
    if (token === 'none')
      process.stderr.write('warning: without a token, every program and user of this machine can use this control plane\n');
    const { serve } = await import('../../server/main.ts');
    const plane = await serve(
      {
        ...(dataFolder ? { dataFolder } : {}),
        ...(port === undefined ? {} : { port }),
        ...(token ? { token } : {}),
        ...(idleMinutes === undefined ? {} : { idleMinutes }),
        ...(maxParallelJobs ? { maxParallelJobs } : {}),
        ...(publicUrl ? { publicUrl } : {}),
        withRunner: !parsed.values['no-runner'],
      },
      version,
    );
    process.stdout.write(`${plane.url}\n`);
    await plane.ended;
  },
};
