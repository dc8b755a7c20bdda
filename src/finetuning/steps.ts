import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatBytes } from '../base/text.ts';
import { messageOf, UserError } from '../base/userError.ts';
import { npmRegistryOf } from '../catalog/sources/npmRegistry.ts';
import { onProcessor } from '../inference/install/engineDevice.ts';
import { enginePlan, installEngine, isInstalled } from '../inference/install/installEngine.ts';
import lock from '../inference/install/llamaPackages.json' with { type: 'json' };
import { cacheFolderOf } from '../plane/cacheFolder.ts';
import { importBase } from './base/importBase.ts';
import { readAdapterConfig } from './convert/adapterConfig.ts';
import { canConvert } from './convert/canConvert.ts';
import { type Converted, convertAdapter } from './convert/convertAdapter.ts';
import { convertedText } from './convert/convertedText.ts';
import { mergeAdapter } from './convert/mergeAdapter.ts';
import { readBase } from './convert/readBase.ts';
import { ggufFileOf } from './ggufFileOf.ts';
import { readPrompts } from './verify/readPrompts.ts';
import { usualMaxKl, type Verification, verifyAdapter } from './verify/verifyAdapter.ts';

const usage = `node steps.mjs COMMAND …

  check    --base BASE.gguf [--config adapter_config.json | --target-modules NAMES --r RANK]
           Says whether such an adapter can be converted: before it is trained. NAMES have commas between them, or are all-linear.
  import   --base BASE.gguf --out FOLDER
           Makes of a model the folder that transformers trains from: weights, tokenizer, configuration.
  convert  --base BASE.gguf --adapter FOLDER --out FILE.gguf [--type f16|f32]
           Makes a GGUF adapter of an adapter of PEFT.
  merge    --base BASE.gguf --adapter FOLDER --out FILE.gguf [--type q8_0|f16]
           Makes a GGUF model of a base model and an adapter of PEFT.
  read     --base BASE.gguf --prompts FILE.json [--engine FOLDER]
           Says whether the engine reads prompts as the tokens that the training has for them.
  verify   --base BASE.gguf [--adapter FILE.gguf] --reference FOLDER [--max-kl ${usualMaxKl}] [--report FILE.json] [--engine FOLDER]
           Measures how far the predictions of what is served are from torch's. --engine is the folder that engines are installed in;
           it is that of this user's control plane when absent.

BASE.gguf may be a folder that has one GGUF file.
Ends with 0 when it went well, with 1 when it did not or the answer is no, with 2 when it was called wrongly.`;

type Values = Readonly<Record<string, string | undefined>>;
/** Runs a command: its options, the program's own file, and its environment. Answers whether the answer is yes. */
type Step = (values: Values, program: string, environment: NodeJS.ProcessEnv) => Promise<boolean>;

const steps: Record<string, { must: string[]; may: string[]; run: Step }> = {
  check: { must: ['base'], may: ['config', 'target-modules', 'r'], run: check },
  import: { must: ['base', 'out'], may: [], run: importModel },
  convert: {
    must: ['base', 'adapter', 'out'],
    may: ['type'],
    run: async (values) => told('adapter', await convertAdapter({ ...(await filesOf(values)), type: adapterType(values.type) })),
  },
  merge: {
    must: ['base', 'adapter', 'out'],
    may: ['type'],
    run: async ({ type, ...values }) => told('model', await mergeAdapter({ ...(await filesOf(values)), type })),
  },
  read: { must: ['base', 'prompts'], may: ['engine'], run: read },
  verify: { must: ['base', 'reference'], may: ['adapter', 'max-kl', 'report', 'engine'], run: verify },
};

/** Runs a command, and answers the exit code. */
export async function main(words: string[], program: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const [name = '', ...rest] = words;
  if (name === '--help' || name === 'help') {
    say(usage);
    return 0;
  }
  try {
    const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
    if (!step) throw new UsageError(name ? `There is no command ${JSON.stringify(name)}.` : 'A command is missing.');
    const values = valuesOf(rest, step);
    return (await step.run(values, program, environment)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(
      `error: ${error instanceof UserError ? error.describe() : error instanceof UsageError ? `${error.message}\n\n${usage}` : messageOf(error)}\n`,
    );
    return error instanceof UsageError ? 2 : 1;
  }
}

class UsageError extends Error {}

function valuesOf(words: string[], { must, may }: { must: string[]; may: string[] }): Values {
  let values: Values;
  try {
    const options = Object.fromEntries([...must, ...may].map((each) => [each, { type: 'string' as const }]));
    values = parseArgs({ args: words, options, allowPositionals: false }).values as Values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  for (const each of must) if (!values[each]) throw new UsageError(`--${each} is missing.`);
  return values;
}

const filesOf = async ({ base, adapter, out }: Values) => ({ base: await ggufFileOf(base!), adapter: adapter!, out: out! });

function adapterType(type = 'f16'): 'f16' | 'f32' {
  const lower = type.toLowerCase();
  if (lower === 'f16' || lower === 'f32') return lower;
  throw new UserError('InvalidArgument', `--type of an adapter is f16 or f32, not ${type}.`);
}

async function check({ base, config, 'target-modules': modules = 'all-linear', r = '8' }: Values): Promise<boolean> {
  const raw = config === undefined ? plainLora(modules, Number(r)) : await readAdapterConfig(config);
  const { can, reasons } = canConvert(raw, await readBase(await ggufFileOf(base!)));
  if (can) say('Such an adapter can be converted.');
  else no(`Such an adapter can't be converted: ${reasons.join('; ')}`);
  return can;
}

const plainLora = (modules: string, r: number) => ({
  peft_type: 'LORA',
  r,
  lora_alpha: r,
  target_modules: modules === 'all-linear' ? modules : modules.split(',').map((each) => each.trim()),
});

async function importModel({ base, out }: Values): Promise<boolean> {
  const { parameters, bytes } = await importBase(await ggufFileOf(base!), out!);
  say(`Imported a model of ${parameters.toLocaleString('en')} parameters: ${formatBytes(bytes)}.`);
  return true;
}

function told(what: 'adapter' | 'model', made: Converted): boolean {
  say(convertedText(what, made));
  return true;
}

async function verify(
  { base, adapter, reference, report, engine, ...values }: Values,
  program: string,
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const maxKl = values['max-kl'] === undefined ? usualMaxKl : Number(values['max-kl']);
  if (!(maxKl > 0)) throw new UserError('InvalidArgument', '--max-kl must be a number above 0.');
  const verification = await verifyAdapter({
    base: await ggufFileOf(base!),
    adapter,
    reference: reference!,
    maxKl,
    ...(await served(engine, program, environment)),
    onProgress: (done, all) => say(`${done} of ${all} prompts`),
  });
  if (report !== undefined) await writeFile(report, `${JSON.stringify(verification, undefined, 2)}\n`);
  (verification.isEqual ? say : no)(verdict(verification));
  return verification.isEqual;
}

async function read({ base, prompts, engine }: Values, program: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const serving = await served(engine, program, environment);
  const count = await readPrompts({ base: await ggufFileOf(base!), prompts: prompts!, ...serving });
  say(`The engine reads ${count} prompts as the training does.`);
  return true;
}

async function served(engine: string | undefined, program: string, environment: NodeJS.ProcessEnv) {
  return {
    engine: await installed(engine ?? path.join(cacheFolderOf(environment), 'engines'), environment),
    worker: { program, words: ['worker'], environment },
  };
}

async function installed(engines: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const plan = enginePlan(lock, onProcessor(Object.keys(lock.natives)), path.resolve(engines));
  if (!(await isInstalled(plan))) {
    say(`Getting ${plan.title}, which runs language models: ${formatBytes(plan.bytes)}.`);
    await installEngine(plan, { registry: await npmRegistryOf(environment, homedir()), fetch });
  }
  return plan.folder;
}

function verdict({ isEqual, meanKl, largestKl, maxKl, sameToken, tokens }: Verification): string {
  const measured = `KL divergence from torch ${digits(meanKl)} nats on average over ${tokens} tokens (largest ${digits(largestKl)}), the same most likely token in ${(sameToken * 100).toFixed(1)} %`;
  return isEqual
    ? `Verified: ${measured}.`
    : `Not the model that was trained: ${measured}; up to ${maxKl} is allowed.\nThe base model may be another than that of the training, or of fewer bits; or the conversion is wrong.`;
}

const digits = (value: number): string => value.toPrecision(3);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
/** Says why the answer is no, as what ended the step. */
const no = (line: string): void => {
  process.stderr.write(`error: ${line}\n`);
};
