import { main } from './steps.ts';

/** `node steps.mjs COMMAND …`: what the steps of a fine-tuning job run, wherever there is Node. One file, which is also the inference worker that it starts. */
if (process.argv[2] === 'worker') await import('../inference/worker/main.ts');
else process.exitCode = await main(process.argv.slice(2), process.argv[1]!, process.env);
